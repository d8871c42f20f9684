package io.wal.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How a cluster is reached, and its logs are taken. Without an option for it each is null.
 *
 * @param root the prefix of all keys.
 * @param user name of the user.
 * @param password of the user; null when there is no user.
 * @param tls whether to speak TLS without any of the files that imply it.
 * @param caFile certificates of the authorities to trust.
 * @param certificateFile certificate of this client.
 * @param keyFile its private key.
 * @param authority host name in the certificates of the cluster.
 * @param acquire what is done about a log that has an owner.
 * @param acquireTimeout how long to wait for the owner.
 * @param options the same, as the arguments of a command; the password is not among them.
 */
record EtcdSettings(
        String root,
        String user,
        String password,
        boolean tls,
        Path caFile,
        Path certificateFile,
        Path keyFile,
        String authority,
        AcquireMode acquire,
        Duration acquireTimeout,
        List<String> options) {
    static final EtcdSettings DEFAULT =
            new EtcdSettings(
                    null, null, null, false, null, null, null, null, null, null, List.of());

    /** The same, for a log that is taken whoever has it; commands are told so too. */
    EtcdSettings stealing() {
        final List<String> more = new ArrayList<>(options);
        more.addAll(List.of("--acquire", AcquireMode.STEAL.toString()));
        return acquiring(AcquireMode.STEAL, null, more);
    }

    EtcdSettings acquiring(final AcquireMode mode, final Duration timeout) {
        return acquiring(mode, timeout, options);
    }

    private EtcdSettings acquiring(
            final AcquireMode mode, final Duration timeout, final List<String> arguments) {
        return new EtcdSettings(
                root,
                user,
                password,
                tls,
                caFile,
                certificateFile,
                keyFile,
                authority,
                mode,
                timeout,
                arguments);
    }
}
