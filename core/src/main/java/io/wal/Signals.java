package io.wal;

import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.WaitStrategy;

/**
 * Wakes the processors. The ring takes it for its wait strategy, and uses the one half of that: it
 * says when something was published. The other half, to wait, each processor does by itself.
 */
final class Signals implements WaitStrategy {
    private StoreProcessor store;
    private StageProcessor[] stages = {};

    /** Called once, before anything is published. */
    void store(final StoreProcessor processor) {
        store = processor;
    }

    /** Called once, before any thread runs. */
    void stages(final StageProcessor... processors) {
        stages = processors;
    }

    @Override
    public void signalAllWhenBlocking() {
        store.signalIfSeen();
        for (final StageProcessor stage : stages) {
            stage.published();
        }
    }

    /** Makes the store's thread look up from waiting. Any thread. */
    void wakeStore() {
        store.wake();
    }

    /** Tells the stages behind the store that the sequence they wait for has moved. Any thread. */
    void wakeStages() {
        for (final StageProcessor stage : stages) {
            stage.signal();
        }
    }

    /**
     * From now on the stages wait for the ring rather than for the store: the log has failed, or is
     * being closed.
     */
    void letStagesFollowRing() {
        for (final StageProcessor stage : stages) {
            stage.followRing();
        }
    }

    @Override
    public long waitFor(
            final long sequence,
            final Sequence cursor,
            final Sequence dependent,
            final SequenceBarrier barrier) {
        throw new UnsupportedOperationException("the processors wait by themselves");
    }
}
