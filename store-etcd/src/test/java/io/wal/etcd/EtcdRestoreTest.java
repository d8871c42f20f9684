package io.wal.etcd;

import static io.wal.etcd.EtcdFixture.append;
import static io.wal.etcd.EtcdFixture.appendMany;
import static io.wal.etcd.EtcdFixture.buffer;
import static io.wal.etcd.EtcdFixture.context;
import static io.wal.etcd.EtcdFixture.entries;
import static io.wal.etcd.EtcdFixture.open;
import static io.wal.etcd.EtcdFixture.recover;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.CorruptLogException;
import io.wal.Durability;
import io.wal.LogFailedException;
import io.wal.StorageException;
import io.wal.WriteAheadLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A cluster that is not what it was: wiped, set back, or another. */
class EtcdRestoreTest {
    private EtcdCluster cluster;

    @BeforeEach
    void startServer() {
        cluster = EtcdCluster.ofMembers(1).start();
    }

    @AfterEach
    void endServer() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void writerNoticesThatTheClusterWasSetBackAndOpeningFindsWhatIsMissing() {
        final EtcdStoreContext context = context(cluster).leaseTtl(Duration.ofSeconds(60));
        final WriteAheadLog log = open(context);
        appendMany(log, 50);
        final Path backup = backUp();
        for (int i = 51; i <= 100; i++) {
            append(log, "e" + i);
        }

        restore(backup);

        assertFails(log, "went back");
        assertThatThrownBy(() -> recover(EtcdFixture.stealing(context)))
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("missing");
    }

    @Test
    void writerNoticesThatTheClusterWasWiped() {
        final EtcdStoreContext context = context(cluster);
        final WriteAheadLog log = open(context);
        appendMany(log, 50);

        final EtcdMember member = cluster.member();
        member.kill();
        EtcdCluster.delete(member.dataDirectory());
        cluster.start(member);
        cluster.awaitReady();

        assertFails(log, "");
        try (EtcdKv kv = EtcdFixture.connect(context.clientContext())) {
            final KeyLayout keys = context.keys();
            assertThat(kv.range(KvRange.of(keys.begin(), keys.end())).join().isEmpty()).isTrue();
        }
    }

    @Test
    void logOfAnotherClusterIsOpenedByForceOnly() {
        final EtcdStoreContext context = context(cluster);
        try (WriteAheadLog log = open(context)) {
            appendMany(log, 50);
        }

        moveToAnotherCluster(context);

        assertThatThrownBy(() -> open(context))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("STEAL")
                .hasMessageContaining("backup");
        assertThat(recover(EtcdFixture.stealing(context))).isEqualTo(entries(1, 50));
        assertThat(recover(context)).as("it is at home there now").isEqualTo(entries(1, 50));
    }

    @Test
    void writerNoticesThatTheClusterWasReplaced() {
        final EtcdStoreContext context = context(cluster).leaseTtl(Duration.ofSeconds(60));
        final WriteAheadLog log = open(context);
        appendMany(log, 50);

        moveToAnotherCluster(context);

        assertFails(log, "another id than before");
        assertThat(recover(EtcdFixture.stealing(context))).isEqualTo(entries(1, 50));
    }

    /** The same keys in a cluster of another id at the same address, as a restored backup has. */
    private void moveToAnotherCluster(final EtcdStoreContext context) {
        final String root = context.root() + '/';
        final List<KvEntry> all;
        try (EtcdKv kv = EtcdFixture.connect(context.clientContext())) {
            all = kv.range(KvRange.of(root, root + '\u00ff')).join().entries();
        }
        final EtcdMember member = cluster.member();
        member.kill();
        EtcdCluster.delete(member.dataDirectory());
        member.addOptions("--initial-cluster-token", "restored");
        cluster.start(member);
        cluster.awaitReady();
        try (EtcdKv kv = EtcdFixture.connect(context.clientContext())) {
            for (final KvEntry entry : all) {
                final KvOp put = KvOp.put(entry.key(), entry.value());
                kv.txn(new KvTxn(List.of(), List.of(put), List.of())).join();
            }
        }
    }

    /** What is appended now is not acknowledged. */
    private static void assertFails(final WriteAheadLog log, final String reason) {
        final long durable = log.durableLsn();
        assertThat(log.appendAsync(buffer("late"), 0, 4, Durability.FORCED))
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableThat()
                .withCauseInstanceOf(LogFailedException.class)
                .withMessageContaining(reason);
        assertThat(log.durableLsn()).isEqualTo(durable);
        assertThatThrownBy(log::close).isInstanceOf(LogFailedException.class);
    }

    private Path backUp() {
        final EtcdMember member = cluster.member();
        member.kill();
        final Path backup = cluster.directory().resolve("backup");
        copy(member.dataDirectory(), backup);
        cluster.start(member);
        cluster.awaitReady();
        return backup;
    }

    private void restore(final Path backup) {
        final EtcdMember member = cluster.member();
        member.kill();
        EtcdCluster.delete(member.dataDirectory());
        copy(backup, member.dataDirectory());
        cluster.start(member);
        cluster.awaitReady();
    }

    private static void copy(final Path from, final Path to) {
        try (Stream<Path> paths = Files.walk(from)) {
            for (final Path path : paths.toList()) {
                Files.copy(
                        path,
                        to.resolve(from.relativize(path).toString()),
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
