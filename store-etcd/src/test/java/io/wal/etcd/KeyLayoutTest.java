package io.wal.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyLayoutTest {
    private final KeyLayout keys = new KeyLayout("wal", "orders");

    @Test
    void keysAreAsDocumented() {
        assertThat(keys.registration()).isEqualTo("wal/n/orders");
        assertThat(keys.epoch()).isEqualTo("wal/d/orders/epoch");
        assertThat(keys.owner()).isEqualTo("wal/d/orders/owner");
        assertThat(keys.checkpoint()).isEqualTo("wal/d/orders/cp");
        assertThat(keys.trim()).isEqualTo("wal/d/orders/trim");
        assertThat(keys.closed()).isEqualTo("wal/d/orders/closed");
        assertThat(keys.epochStart(11)).isEqualTo("wal/d/orders/e/000000000000000b");
        assertThat(keys.batch(0x1234)).isEqualTo("wal/d/orders/b/0000000000001234");
        assertThat(keys.batch(Long.MAX_VALUE)).isEqualTo("wal/d/orders/b/7fffffffffffffff");
    }

    @Test
    void orderOfKeysIsOrderOfLsns() {
        final Random random = new Random(7);
        final List<Long> lsns = new ArrayList<>(List.of(1L, 15L, 16L, 255L, 256L, Long.MAX_VALUE));
        for (int i = 0; i < 1000; i++) {
            lsns.add(random.nextLong() >>> 1 + random.nextInt(62));
        }
        lsns.removeIf(lsn -> lsn == 0);
        final List<String> sorted = lsns.stream().sorted().map(keys::batch).toList();

        assertThat(sorted).isSorted();
        for (final long lsn : lsns) {
            assertThat(keys.firstLsnOf(keys.batch(lsn))).isEqualTo(lsn);
            assertThat(keys.epochOf(keys.epochStart(lsn))).isEqualTo(lsn);
            assertThat(keys.firstLsnOf(keys.epochStart(lsn))).isZero();
            assertThat(keys.batch(lsn)).isBetween(keys.batchesBegin(), keys.batchesEnd());
            assertThat(keys.isOwn(keys.batch(lsn))).isTrue();
        }
    }

    @Test
    void foreignKeysAreNobodys() {
        for (final String key :
                List.of(
                        "wal/d/orders/b/",
                        "wal/d/orders/b/1",
                        "wal/d/orders/b/0000000000000000",
                        "wal/d/orders/b/000000000000000B",
                        "wal/d/orders/b/00000000000000011",
                        "wal/d/orders/b/ffffffffffffffff",
                        "wal/d/order/b/0000000000000001",
                        "wal/d/orders/epoch2",
                        "wal/d/orders/")) {
            assertThat(keys.firstLsnOf(key)).as(key).isZero();
            assertThat(keys.isOwn(key)).as(key).isFalse();
        }
    }

    @Test
    void rangesOfLogsAreApart() {
        final KeyLayout other = new KeyLayout("wal", "orders2");

        assertThat(List.of(keys.begin(), keys.end(), other.begin(), other.end())).isSorted();
        assertThat(keys.epoch()).isBetween(keys.begin(), keys.end());
    }

    @Test
    void namesAndRootsAreChecked() {
        for (final String name : List.of("a", "A-b_c.d", "9", "x".repeat(128))) {
            assertThat(KeyLayout.isName(name)).as(name).isTrue();
        }
        for (final String name :
                List.of("", ".", ".a", "a/b", "a b", "ä", "a\n", "a\0", "x".repeat(129))) {
            assertThat(KeyLayout.isName(name)).as(name).isFalse();
        }
        assertThat(KeyLayout.isName(null)).isFalse();
        for (final String root : List.of("wal", "a/b", "apps/x.y/wal")) {
            assertThat(KeyLayout.isRoot(root)).as(root).isTrue();
        }
        for (final String root : List.of("", "/", "/wal", "wal/", "a//b", "a b", "x".repeat(129))) {
            assertThat(KeyLayout.isRoot(root)).as(root).isFalse();
        }
    }
}
