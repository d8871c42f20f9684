package io.wal.cli;

import io.wal.cli.doctor.Examination;
import java.util.Locale;

/**
 * A bar on standard error for work of which the time is known, when a person is looking. It is
 * wiped away at the end. One thread.
 */
final class StepProgress implements Examination.Progress, AutoCloseable {
    private static final long INTERVAL_NS = 100_000_000L;
    private static final int BAR_LENGTH = 24;
    private static final String WIPE = "\r\033[K";

    private final Console console;
    private long nextNs = System.nanoTime();
    private boolean shown;

    StepProgress(final Console console) {
        this.console = console;
    }

    @Override
    public void at(final String what, final double share) {
        final long nowNs = System.nanoTime();
        if (!console.isErrTerminal() || nowNs - nextNs < 0) {
            return;
        }
        nextNs = nowNs + INTERVAL_NS;
        shown = true;
        console.err().print(WIPE + line(what, share));
        console.err().flush();
    }

    @Override
    public void close() {
        if (shown) {
            console.err().print(WIPE);
            console.err().flush();
        }
    }

    static String line(final String what, final double share) {
        final int filled = (int) (Math.max(0, Math.min(1, share)) * BAR_LENGTH);
        return String.format(
                Locale.ROOT,
                "doctor  [%s%s]  %s",
                "#".repeat(filled),
                ".".repeat(BAR_LENGTH - filled),
                what);
    }
}
