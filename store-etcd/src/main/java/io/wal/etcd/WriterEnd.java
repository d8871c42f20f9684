package io.wal.etcd;

import io.wal.WalException;
import java.util.function.Consumer;

/**
 * How a writer ends other than by closing: the first cause counts, and nothing is acknowledged
 * after it. Any thread.
 */
final class WriterEnd implements CommitWindow.Ending {
    private final Consumer<Throwable> failFrom;
    private final Timing.Signal signal;
    private volatile CommitWindow window;
    private volatile SuccessorInquiry inquiry;
    private volatile TxnCourier courier;
    private boolean deposed;
    private volatile Throwable cause;

    /**
     * Creates the end of a writer.
     *
     * @param failFrom ends the log on the store's thread.
     * @param signal raised when the end has come.
     */
    WriterEnd(final Consumer<Throwable> failFrom, final Timing.Signal signal) {
        this.failFrom = failFrom;
        this.signal = signal;
    }

    /** Called once, before anything is written. */
    void connect(
            final CommitWindow commitWindow,
            final SuccessorInquiry successorInquiry,
            final TxnCourier txnCourier) {
        window = commitWindow;
        inquiry = successorInquiry;
        courier = txnCourier;
    }

    /**
     * Why the writer ended; null when it has not, or does not know yet what became of its entries.
     */
    Throwable cause() {
        return cause;
    }

    /**
     * Acknowledgements stop at once; the log fails when it is known what became of the entries in
     * flight.
     */
    @Override
    public void onDeposed() {
        synchronized (this) {
            if (deposed || cause != null) {
                return;
            }
            deposed = true;
        }
        courier.close();
        window.close();
        inquiry.begin(window.inFlight());
    }

    @Override
    public void onFailure(final Throwable failure) {
        conclude(SuccessorInquiry.UNKNOWN, failure);
    }

    /** What the inquiry learned. */
    void onOutcome(final long lastKeptLsn, final WalException failure) {
        conclude(lastKeptLsn, failure);
    }

    /** The store's thread fails by itself. */
    void stop(final Throwable failure) {
        synchronized (this) {
            if (cause == null) {
                cause = failure;
            }
        }
        courier.close();
        window.close();
    }

    /** Nobody waits any longer for what becomes of the entries in flight. */
    void abandon(final Throwable failure) {
        final boolean inquires;
        synchronized (this) {
            inquires = deposed;
        }
        if (inquires) {
            inquiry.endWithoutAnswer(failure.getMessage());
        } else {
            conclude(SuccessorInquiry.UNKNOWN, failure);
        }
    }

    private void conclude(final long keptLsn, final Throwable failure) {
        synchronized (this) {
            if (cause != null) {
                return;
            }
            courier.close();
            window.close();
            if (keptLsn != SuccessorInquiry.UNKNOWN) {
                window.acknowledgeKept(keptLsn);
            }
            cause = failure;
        }
        signal.raise();
        failFrom.accept(failure);
    }
}
