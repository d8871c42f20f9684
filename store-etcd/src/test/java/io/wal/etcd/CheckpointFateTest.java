package io.wal.etcd;

import static io.wal.etcd.EtcdFixture.append;
import static io.wal.etcd.EtcdFixture.open;
import static io.wal.etcd.EtcdFixture.recover;
import static io.wal.etcd.EtcdFixture.stealing;
import static io.wal.etcd.EtcdFixture.tampered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.Checkpoint;
import io.wal.FencedException;
import io.wal.StorageException;
import io.wal.WalException;
import io.wal.WriteAheadLog;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a writer is told of a checkpoint that it was finalizing when the log was taken from it. */
class CheckpointFateTest {
    private final ModelEtcd etcd = new ModelEtcd(System::nanoTime);
    private final EtcdStoreContext context =
            EtcdFixture.context(etcd).giveUpAfter(Duration.ofSeconds(1));
    private boolean connected = true;
    private Runnable beforeItIsAskedFor = () -> {};

    /**
     * A writer that does not hear of its first try to finalize a checkpoint, and has lost the log
     * before the second.
     */
    private WriteAheadLog openWriterWhoseFirstTry(final boolean arrives, final Runnable thief) {
        return open(
                tampered(
                        context,
                        kv ->
                                new KvDelegate(kv) {
                                    private boolean tried;

                                    @Override
                                    public CompletableFuture<KvAnswer> txn(final KvTxn txn) {
                                        if (!connected) {
                                            return unknown();
                                        }
                                        if (tried && readsCheckpoint(txn)) {
                                            beforeItIsAskedFor.run();
                                        }
                                        if (tried || !putsCheckpoint(txn)) {
                                            return super.txn(txn);
                                        }
                                        tried = true;
                                        if (arrives) {
                                            super.txn(txn).join();
                                        }
                                        thief.run();
                                        return unknown();
                                    }
                                }));
    }

    private static CompletableFuture<KvAnswer> unknown() {
        return CompletableFuture.failedFuture(
                new KvException(KvException.Kind.UNKNOWN_OUTCOME, "the answer is lost", null));
    }

    private boolean readsCheckpoint(final KvTxn txn) {
        return txn.compares().isEmpty()
                && txn.then().stream()
                        .anyMatch(
                                op ->
                                        op instanceof KvOp.Get get
                                                && get.range()
                                                        .from()
                                                        .equals(context.keys().checkpoint()));
    }

    private void removeAll() {
        try (EtcdKv kv = EtcdFixture.connect(context.clientContext())) {
            kv.txn(
                            new KvTxn(
                                    List.of(),
                                    List.of(
                                            new KvOp.Delete(context.keys().registration(), null),
                                            new KvOp.Delete(
                                                    context.keys().begin(), context.keys().end())),
                                    List.of()))
                    .join();
        }
    }

    private static boolean putsCheckpoint(final KvTxn txn) {
        return txn.then().stream()
                .anyMatch(op -> op instanceof KvOp.Put put && put.key().endsWith("/cp"));
    }

    private void steal() {
        recover(stealing(context));
    }

    private void stealAndFinalizeAnother() {
        try (WriteAheadLog thief = open(stealing(context))) {
            append(thief, "of the thief");
            checkpoint(thief);
        }
    }

    private static void checkpoint(final WriteAheadLog log) {
        try (Checkpoint checkpoint = log.startCheckpoint()) {
            checkpoint.finalizeCheckpoint();
        }
    }

    private void assertThatItCounts(final Runnable thief) {
        try (WriteAheadLog log = openWriterWhoseFirstTry(true, thief)) {
            append(log, "e1");

            checkpoint(log);

            Waiting.until("the log has failed", () -> log.failure() != null);
            assertThat(log.failure()).isInstanceOf(FencedException.class);
        } catch (final FencedException e) {
            // closing says so once more
        }
    }

    private void assertThatItDoesNotCount(final Runnable thief) {
        try (WriteAheadLog log = openWriterWhoseFirstTry(false, thief)) {
            append(log, "e1");

            assertThatThrownBy(() -> checkpoint(log)).isInstanceOf(FencedException.class);
        } catch (final FencedException e) {
            // closing says so once more
        }
    }

    @Test
    void countsWhenItWasStoredBeforeTheLogWasTaken() {
        assertThatItCounts(this::steal);
        assertThat(recover(stealing(context))).isEmpty();
    }

    @Test
    void doesNotCountWhenItWasNot() {
        assertThatItDoesNotCount(this::steal);
        assertThat(recover(stealing(context))).containsOnlyKeys(1L);
    }

    @Test
    void isKnownThoughTheSuccessorHasFinalizedAnother() {
        assertThatItCounts(this::stealAndFinalizeAnother);
    }

    @Test
    void isKnownNotToCountThoughTheSuccessorHasFinalizedAnother() {
        assertThatItDoesNotCount(this::stealAndFinalizeAnother);
    }

    @Test
    void isNotKnownWhenTheClusterCannotBeAskedAnyMore() {
        try (WriteAheadLog log = openWriterWhoseFirstTry(true, () -> connected = false)) {
            append(log, "e1");

            assertThatThrownBy(() -> checkpoint(log)).isNotInstanceOf(FencedException.class);
        } catch (final StorageException | io.wal.LogFailedException e) {
            // closing says so once more
        }
    }

    @Test
    void isNotKnownWhenTheLogWasRemovedBeforeItCouldBeAskedFor() {
        beforeItIsAskedFor = this::removeAll;
        try (WriteAheadLog log = openWriterWhoseFirstTry(false, this::steal)) {
            append(log, "e1");

            assertThatThrownBy(() -> checkpoint(log))
                    .isInstanceOf(StorageException.class)
                    .hasStackTraceContaining("the log was removed");
        } catch (final WalException e) {
            // closing says so once more
        }
    }
}
