package io.wal.cli;

import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.function.LongConsumer;

/**
 * A bar on standard error for work that turns out to be long, when a person is looking. It is wiped
 * away at the end. One thread.
 */
final class Progress implements LongConsumer, AutoCloseable {
    private static final long PATIENCE_NS = 1_000_000_000L;
    private static final long INTERVAL_NS = 100_000_000L;
    private static final int BAR_LENGTH = 24;
    private static final String WIPE = "\r\033[K";

    private final Console console;
    private final String what;
    private final long total;
    private final boolean enabled;
    private final long startNs = System.nanoTime();
    private long nextNs = startNs + PATIENCE_NS;
    private boolean shown;

    /** The total is in bytes; 0 when it is not known. */
    Progress(
            final Console console,
            final String what,
            final long total,
            final boolean dataOnTerminal) {
        this.console = console;
        this.what = what;
        this.total = total;
        this.enabled = console.isErrTerminal() && !(dataOnTerminal && console.isOutTerminal());
    }

    /** So many bytes are done. */
    @Override
    public void accept(final long done) {
        accept(done, done);
    }

    @Override
    public void close() {
        if (shown) {
            console.err().print(WIPE);
            console.err().flush();
            shown = false;
        }
    }

    /** So many of the total are done, and the bytes come to so many. */
    void accept(final long done, final long bytes) {
        show(seconds -> line(what, done, total, bytes, seconds));
    }

    private void show(final DoubleFunction<String> line) {
        if (!enabled) {
            return;
        }
        final long nowNs = System.nanoTime();
        if (nowNs - nextNs < 0) {
            return;
        }
        nextNs = nowNs + INTERVAL_NS;
        shown = true;
        console.err().print(WIPE + line.apply((nowNs - startNs) / 1e9));
        console.err().flush();
    }

    static String line(final String what, final long done, final long total, final double seconds) {
        return line(what, done, total, done, seconds);
    }

    private static String line(
            final String what,
            final long done,
            final long total,
            final long bytes,
            final double seconds) {
        final String rate = Quantity.bytes((long) (bytes / seconds)) + "/s";
        if (total <= 0) {
            return what + "  " + Quantity.bytes(bytes) + "  " + rate;
        }
        final double share = Math.min(1.0, (double) done / total);
        final int filled = (int) (share * BAR_LENGTH);
        final String bar = "#".repeat(filled) + ".".repeat(BAR_LENGTH - filled);
        final String left =
                done == 0
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                "  %.0f s left",
                                seconds * (1 - share) / Math.max(share, 1e-9));
        return String.format(Locale.ROOT, "%s  [%s] %3.0f %%  %s", what, bar, share * 100, rate)
                + left;
    }
}
