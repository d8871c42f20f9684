package io.wal.mmap.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.EntryKind;
import io.wal.LogFailedException;
import io.wal.RecoveredLog;
import io.wal.record.RecordKind;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The oracle must notice what it is there to notice. */
class LogOracleTest {
    private static final int LENGTH = 20;

    private final LogOracle oracle = new LogOracle();
    private final List<Long> ids = new ArrayList<>();
    private final UnsafeBuffer payload = new UnsafeBuffer(new byte[LENGTH]);

    /** Two producers have appended five entries, of which four are durable and acknowledged. */
    @BeforeEach
    void append() {
        recover(0);
        for (final int producer : new int[] {0, 1, 1, 0, 1}) {
            final long id = oracle.nextId(producer);
            ids.add(id);
            oracle.appended(ids.size(), RecordKind.DATA, id, LENGTH);
        }
        oracle.durable(4);
        oracle.check();
        oracle.crashed(true);
    }

    @Test
    void prefixWithAllThatWasAcknowledgedIsRight() {
        assertThatCode(() -> recover(4, 1, 2, 3, 4)).doesNotThrowAnyException();
    }

    @Test
    void everythingThatWasAppendedIsRight() {
        assertThatCode(() -> recover(5, 1, 2, 3, 4, 5)).doesNotThrowAnyException();
    }

    @Test
    void acknowledgedEntryThatIsNotRecovered() {
        assertThatThrownBy(() -> recover(3, 1, 2, 3))
                .hasMessageContaining("acknowledged up to LSN 4");
    }

    @Test
    void acknowledgedEntryThatIsNotDelivered() {
        assertThatThrownBy(() -> recover(4, 1, 2, 4)).hasMessageContaining("not delivered");
    }

    @Test
    void entryThatIsDeliveredTwice() {
        assertThatThrownBy(() -> recover(4, 1, 2, 2, 3, 4)).hasMessageContaining("delivered after");
    }

    @Test
    void entryThatWasNeverAppended() {
        assertThatThrownBy(() -> recover(6, 1, 2, 3, 4, 5)).hasMessageContaining("appended up to");
    }

    /** Both are there, and have each other's LSN. */
    @Test
    void entriesOfAProducerThatChangedPlaces() {
        final long second = ids.get(1);
        ids.set(1, ids.get(2));
        ids.set(2, second);

        assertThatThrownBy(() -> recover(4, 1, 2, 3, 4)).hasMessageContaining("other content");
    }

    @Test
    void orderOfAProducerIsTakenFromThePayloads() {
        final ProducerProgress progress = new ProducerProgress();

        for (final long id : ids) {
            assertThat(progress.add(id(id), 1)).isTrue();
        }
        assertThat(progress.add(id(ids.get(4)), 1)).as("twice").isFalse();
        assertThat(progress.add(id(ids.get(0)), 1)).as("an earlier one").isFalse();
        assertThat(ids).extracting(ProducerProgress::producer).containsExactly(0, 1, 1, 0, 1);
    }

    @Test
    void producerThatMissesAnEntryIsFoundWithoutLsns() {
        final ProducerProgress acknowledged = new ProducerProgress();
        final ProducerProgress delivered = new ProducerProgress();
        ids.forEach(id -> acknowledged.add(id, 7));
        ids.subList(0, 4).forEach(id -> delivered.add(id, 7));

        assertThat(delivered.behind(acknowledged, 7)).isEqualTo(1);
        assertThat(delivered.behind(acknowledged, 8)).as("released since").isEqualTo(-1);
        delivered.add(ids.get(4), 7);
        assertThat(delivered.behind(acknowledged, 7)).isEqualTo(-1);
    }

    @Test
    void acknowledgementAfterAFailure() {
        recover(4, 1, 2, 3, 4);
        oracle.appended(5, RecordKind.DATA, oracle.nextId(0), LENGTH);
        oracle.failed(new LogFailedException(4, new Exception("a force failed")));

        oracle.durable(5);

        assertThatThrownBy(oracle::check).hasMessageContaining("after the log had failed");
    }

    @Test
    void generationThatIsUsedTwice() {
        oracle.opened(new RecoveredLog(1, 4, 1, RecoveredLog.Tail.WHOLE));

        assertThatThrownBy(oracle::check).hasMessageContaining("generation 1 was used before");
    }

    /** Recovers up to an LSN, and delivers these. */
    private void recover(final long lastLsn, final int... lsns) {
        oracle.opened(new RecoveredLog(1, lastLsn, lastLsn + 1, RecoveredLog.Tail.WHOLE));
        for (final int lsn : lsns) {
            EntryContent.fill(payload, 0, LENGTH, ids.get(lsn - 1));
            oracle.delivered(lsn, EntryKind.DATA, payload, 0, LENGTH);
        }
        oracle.replayed();
        oracle.check();
    }

    private long id(final long expected) {
        EntryContent.fill(payload, 0, LENGTH, expected);
        final long id = EntryContent.id(payload, 0);
        assertThat(id).isEqualTo(expected);
        return id;
    }
}
