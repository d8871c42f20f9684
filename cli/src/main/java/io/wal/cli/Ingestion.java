package io.wal.cli;

import io.wal.Completion;
import io.wal.LogFullException;
import io.wal.WalException;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;

/**
 * Moves an input into a log. One thread reads and appends and never waits for a single entry; the
 * caller's thread waits for the end of the input, for a failure of the log, or for the reader of
 * the acknowledgements to go away. It could not do so while reading: nothing ends a read from a
 * pipe that stays open.
 */
final class Ingestion implements Completion {
    private static final long LOOK_AGAIN_MS = 100;
    private static final int STALLS_TOLERATED = 10;

    private final LogSession session;
    private final EntryReader reader;
    private final Target target;
    private final Progress progress;
    private final long firstLsn;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "wal-input");
    private AckWriter acks;
    private long lastLsn; // this and the next under this object's lock
    private long byteCount;
    private volatile long inputOffset;
    private volatile long acknowledgedLsn;
    private volatile boolean stopping;
    private volatile boolean inputEnded;
    private volatile Throwable failure;

    /** Where entries go. */
    @FunctionalInterface
    interface Target {
        long append(DirectBuffer buffer, int offset, int length, Completion completion);
    }

    Ingestion(
            final LogSession session,
            final EntryReader reader,
            final Target target,
            final Progress progress) {
        this.session = session;
        this.reader = reader;
        this.target = target;
        this.progress = progress;
        firstLsn = session.log().lastLsn() + 1;
        lastLsn = firstLsn - 1;
        acknowledgedLsn = firstLsn - 1;
        thread.setDaemon(true); // a read that does not end must not keep the process
    }

    /** Prints the acknowledgements. */
    void acknowledgeTo(final OutputStream out) {
        acks = new AckWriter(out, firstLsn - 1, ended::countDown);
        acks.start();
    }

    /** Starts, and waits until there is nothing more to append, or no way to. */
    void await() {
        thread.start();
        int stalls = 0;
        try {
            while (!ended.await(LOOK_AGAIN_MS, TimeUnit.MILLISECONDS)
                    && stalls < STALLS_TOLERATED) {
                progress.accept(inputOffset);
                stalls = session.log().stall() instanceof LogFullException ? stalls + 1 : 0;
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        stop();
        progress.close();
    }

    /** No more is appended, but for an entry that is on its way. Any thread. */
    void stop() {
        stopping = true;
    }

    /** To be called when the log is closed. */
    void finishAcks(final BooleanSupplier givingUp) {
        if (acks != null) {
            acks.finish(givingUp);
        }
    }

    @Override
    public void onCompletion(final long lsn, final WalException failed) {
        if (failed == null) {
            acknowledgedLsn = lsn;
            if (acks != null) {
                acks.acknowledged(lsn);
            }
        } else {
            ended.countDown();
        }
    }

    /** Whether all of the input was appended. */
    boolean isInputEnded() {
        return inputEnded;
    }

    /** Why reading or appending ended before its time; null when it did not. */
    Throwable inputFailure() {
        return failure;
    }

    /** Why acknowledgements could not be printed; null when they were. */
    OutputException outputFailure() {
        return acks == null ? null : acks.failure();
    }

    /** To be called when the log is closed; counts an entry that was on its way until then too. */
    synchronized IngestionSummary summary(final String what, final double seconds) {
        return new IngestionSummary(
                what, firstLsn, lastLsn, acknowledgedLsn, byteCount, seconds, session.forceCount());
    }

    private void run() {
        try {
            while (!stopping && reader.next()) {
                append();
            }
            inputEnded = !stopping;
        } catch (final Throwable t) { // an Error too: it is told on the thread that waits
            failure = t;
        } finally {
            ended.countDown();
        }
    }

    private synchronized void append() {
        final int length = reader.length();
        lastLsn = target.append(reader.buffer(), reader.offset(), length, this);
        byteCount += length;
        inputOffset = reader.inputOffset();
    }
}
