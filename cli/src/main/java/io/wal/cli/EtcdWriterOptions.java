package io.wal.cli;

import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Option;

/** How a cluster is reached, and what is done about a log that has an owner. */
final class EtcdWriterOptions extends EtcdOptions {
    @Option(
            names = "--acquire",
            paramLabel = "MODE",
            description = {
                "For etcd: when another owns the log (${COMPLETION-CANDIDATES}):",
                "wait (default): until it is gone, or its lease has run out;",
                "fail: end with exit code 4;",
                "steal: take the log; the other, if it lives, stores nothing more."
            })
    private AcquireMode acquire;

    @Option(
            names = "--acquire-timeout",
            paramLabel = "TIME",
            description = "For etcd: how long to wait, such as 500ms, 15s or 2m; 15s by default.")
    private String acquireTimeout;

    @Override
    List<String> given() {
        final List<String> given = super.given();
        add(given, "--acquire", acquire);
        add(given, "--acquire-timeout", acquireTimeout);
        return given;
    }

    @Override
    EtcdSettings settings(final List<String> given) {
        if (acquireTimeout != null && acquire != null && acquire != AcquireMode.WAIT) {
            throw new UsageException("--acquire-timeout is of use with --acquire wait only");
        }
        final Duration timeout =
                acquireTimeout == null
                        ? null
                        : Quantity.parseDuration("--acquire-timeout", acquireTimeout);
        return super.settings(given).acquiring(acquire, timeout);
    }
}
