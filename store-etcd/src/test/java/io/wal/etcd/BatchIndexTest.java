package io.wal.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BatchIndexTest {
    private final BatchIndex index = new BatchIndex();

    @Test
    void batchOfAnLsnIsTheOneThatHoldsItOrWill() {
        assertThat(index.batchOf(1)).isEqualTo(1);
        assertThat(index.batchOf(9)).isEqualTo(9);
        index.add(1, 3);
        index.add(4, 4);
        index.add(5, 10);

        assertThat(index.batchOf(1)).isEqualTo(1);
        assertThat(index.batchOf(3)).isEqualTo(1);
        assertThat(index.batchOf(4)).isEqualTo(4);
        assertThat(index.batchOf(10)).isEqualTo(5);
        assertThat(index.batchOf(11)).as("of the next batch").isEqualTo(11);
    }

    @Test
    void slicesAreBounded() {
        for (long lsn = 1; lsn <= 2500; lsn++) {
            index.add(lsn, lsn);
        }

        assertThat(index.sliceEnd(2400, 1000)).isEqualTo(1001);
        index.dropBelow(1001);
        assertThat(index.size()).isEqualTo(1500);
        assertThat(index.sliceEnd(2400, 1000)).isEqualTo(2001);
        index.dropBelow(2001);
        assertThat(index.sliceEnd(2400, 1000)).isEqualTo(2400);
        index.dropBelow(2400);
        assertThat(index.size()).isEqualTo(101);
        assertThat(index.sliceEnd(2501, 1000)).isEqualTo(2501);
    }

    @Test
    void spaceOfDroppedBatchesIsUsedAgain() {
        for (long lsn = 1; lsn <= 100_000; lsn++) {
            index.add(lsn, lsn);
            index.dropBelow(lsn - 10);
        }

        assertThat(index.size()).isEqualTo(11);
        assertThat(index.batchOf(99_999)).isEqualTo(99_999);
    }
}
