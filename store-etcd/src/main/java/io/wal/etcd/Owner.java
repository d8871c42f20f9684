package io.wal.etcd;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;

/**
 * Who writes, for people and for openers that wait their turn. It is on a lease, so it goes when
 * its owner is gone.
 *
 * @param epoch of the owner.
 * @param host where it runs.
 * @param pid of its process.
 * @param sinceMs wall time at which it began to open the log.
 */
record Owner(long epoch, String host, long pid, long sinceMs) {
    private static final String HOST = localHost();

    static Owner ofThisProcess(final long epoch, final long sinceMs) {
        return new Owner(epoch, HOST, ProcessHandle.current().pid(), sinceMs);
    }

    /** Null when there is none. */
    static Owner of(final KvEntry entry) {
        if (entry == null) {
            return null;
        }
        final Facts facts = Facts.of(entry);
        return new Owner(
                facts.number("epoch"),
                facts.text("host"),
                facts.number("pid"),
                facts.number("since"));
    }

    byte[] encode() {
        return Facts.empty()
                .with("epoch", epoch)
                .with("host", host)
                .with("pid", pid)
                .with("since", sinceMs)
                .encode();
    }

    /** In words. */
    String describe() {
        return "process "
                + pid
                + " on "
                + host
                + " since "
                + Instant.ofEpochMilli(sinceMs)
                + " (epoch "
                + epoch
                + ")";
    }

    private static String localHost() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (final UnknownHostException e) {
            return "unknown host";
        }
    }
}
