package io.wal.etcd;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Asks a cluster again and again, until it answers or the time is up. */
final class PatientReads {
    private static final long AGAIN_AFTER_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final EtcdKv kv;
    private final Timing timing;
    private final long giveUpAfterNs;

    PatientReads(final EtcdKv kv, final Timing timing, final EtcdStoreContext context) {
        this.kv = kv;
        this.timing = timing;
        giveUpAfterNs = context.giveUpAfter().toNanos();
    }

    /**
     * Asks.
     *
     * @param reads to be done, at one moment.
     * @param onAnswer told the answer, once, on any thread.
     * @param onNone told instead why there is none.
     */
    void ask(
            final KvTxn reads,
            final Consumer<KvAnswer> onAnswer,
            final Consumer<KvException> onNone) {
        ask(reads, timing.nanoTime() + giveUpAfterNs, onAnswer, onNone);
    }

    private void ask(
            final KvTxn reads,
            final long deadlineNs,
            final Consumer<KvAnswer> onAnswer,
            final Consumer<KvException> onNone) {
        kv.txn(reads)
                .whenComplete(
                        (answer, failure) -> {
                            if (failure == null) {
                                onAnswer.accept(answer);
                            } else if (timing.nanoTime() - deadlineNs < 0) {
                                timing.schedule(
                                        AGAIN_AFTER_NS,
                                        () -> ask(reads, deadlineNs, onAnswer, onNone));
                            } else {
                                onNone.accept(KvException.of(failure));
                            }
                        });
    }
}
