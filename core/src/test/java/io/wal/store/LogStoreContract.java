package io.wal.store;

import io.wal.WalContext;
import org.junit.jupiter.api.AfterEach;

/**
 * What every store must do, through the log and directly through {@link LogStore}. The tests of a
 * store extend this class, say how to make one, and so run all the tests; their own come on top.
 *
 * <p>A <em>medium</em> is what outlives a store: a directory, a key prefix. Each test begins with
 * an empty medium of its own, which the subclass makes in its constructor or before each test.
 */
public abstract class LogStoreContract
        implements AppendContract,
                RecoveryContract,
                CheckpointContract,
                ReaderContract,
                LifecycleContract,
                StoreSeamContract,
                ModelContract {
    private LogHarness harness;

    /** For subclasses. */
    protected LogStoreContract() {}

    /**
     * Makes a store that was not used before, over the present medium.
     *
     * @return the store.
     */
    protected abstract LogStore newStore();

    /** Makes another, empty medium the present one. Not called while a log is open. */
    protected abstract void useNewMedium();

    /**
     * Whether {@link #crash} works.
     *
     * @return false by default.
     */
    protected boolean canCrash() {
        return false;
    }

    /**
     * Does to the medium what the death of the process would: {@link #newStore} can be opened
     * afterwards though the given one was not closed. Nothing is being appended; everything was
     * acknowledged.
     *
     * @param store that has the medium open. It is closed afterwards, and may complain.
     */
    protected void crash(final LogStore store) {
        throw new IllegalStateException("this store cannot play a crash");
    }

    /**
     * Whether opening a medium that is open elsewhere is refused with {@link
     * io.wal.LogInUseException}. Otherwise the tests of that are left out.
     *
     * @return true by default.
     */
    protected boolean refusesSecondWriter() {
        return true;
    }

    /**
     * Settings for all tests: a small ring with small slots. The store is set by the caller.
     *
     * @return new settings.
     */
    protected WalContext settings() {
        return new WalContext().ringCapacity(64).slotLength(LogHarness.SLOT_LENGTH);
    }

    /**
     * The largest payload to test with. It is tested that one byte more is refused, so this is best
     * what the store really can keep, if that is not too much for a test.
     *
     * @return bytes; by default what the store can keep, but at most 4 MiB.
     */
    protected int largestPayload() {
        return Math.min(newStore().maxPayloadLength(), 4 << 20);
    }

    /**
     * How many entries make a test with many entries.
     *
     * @return a number from 100; 2000 by default.
     */
    protected int manyEntries() {
        return 2000;
    }

    @Override
    public final LogHarness harness() {
        if (harness == null) {
            harness = new LogHarness(this);
        }
        return harness;
    }

    @AfterEach
    final void closeHarness() {
        if (harness != null) {
            harness.close();
        }
    }
}
