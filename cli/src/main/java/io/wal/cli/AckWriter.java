package io.wal.cli;

import java.io.OutputStream;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Prints each LSN once it is acknowledged, on a thread of its own. The completion only moves a
 * number on: what was acknowledged meanwhile is printed together and flushed, in memory that does
 * not grow however slow the output is.
 */
final class AckWriter {
    private static final long LOOK_AGAIN_MS = 100;
    private static final int LAST_LOOKS = 20;

    private final OutputBuffer out;
    private final Runnable whenBroken;
    private final Thread thread;
    private long printedLsn;
    private volatile long acknowledgedLsn;
    private volatile boolean waiting;
    private volatile boolean ending;
    private volatile OutputException failure;

    /** The first LSN to print is the one that follows the given one. */
    AckWriter(final OutputStream out, final long lastLsn, final Runnable whenBroken) {
        this.out = new OutputBuffer(out);
        this.whenBroken = whenBroken;
        printedLsn = lastLsn;
        acknowledgedLsn = lastLsn;
        thread = new Thread(this::run, "wal-acks");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** All LSNs up to this one are acknowledged. Called on one thread. */
    void acknowledged(final long lsn) {
        acknowledgedLsn = lsn;
        if (waiting) {
            LockSupport.unpark(thread);
        }
    }

    /** Prints what is acknowledged, and ends; once told to give up, it waits a little longer. */
    void finish(final BooleanSupplier givingUp) {
        ending = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        for (int looks = 0; thread.isAlive() && looks < LAST_LOOKS; ) {
            try {
                thread.join(LOOK_AGAIN_MS);
            } catch (final InterruptedException e) {
                interrupted = true;
            }
            looks = givingUp.getAsBoolean() || interrupted ? looks + 1 : 0;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Why no more is printed; null when all is well. */
    OutputException failure() {
        return failure;
    }

    private void run() {
        try {
            boolean last;
            do {
                last = ending; // asked before the LSN: nothing is acknowledged after the end
                final long lsn = acknowledgedLsn;
                if (printedLsn < lsn) {
                    print(lsn);
                } else if (!last) {
                    await();
                }
            } while (!last);
        } catch (final OutputException e) {
            failure = e;
            whenBroken.run();
        }
    }

    private void print(final long lsn) {
        while (printedLsn < lsn) {
            out.putDecimal(++printedLsn);
            out.putByte('\n');
        }
        out.flush();
    }

    private void await() {
        waiting = true;
        if (acknowledgedLsn == printedLsn && !ending) {
            LockSupport.park(this);
        }
        waiting = false;
    }
}
