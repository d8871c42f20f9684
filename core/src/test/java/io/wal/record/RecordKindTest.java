package io.wal.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RecordKindTest {
    @Test
    void codesNeverChange() {
        assertThat(Arrays.stream(RecordKind.values()).map(kind -> kind + "=" + kind.code()))
                .containsExactly(
                        "DATA=1",
                        "CHECKPOINT=2",
                        "VOID=3",
                        "BATCH=16",
                        "FINALIZE=17",
                        "SEAL=18",
                        "CLOSE=19");
    }

    @Test
    void entriesHaveLsnsAndMarkersDoNot() {
        assertThat(RecordKind.values())
                .filteredOn(RecordKind::isEntry)
                .containsExactly(RecordKind.DATA, RecordKind.CHECKPOINT, RecordKind.VOID);
    }

    @Test
    void everyCodeLeadsToItsKindOrToNone() {
        int known = 0;
        for (int code = Byte.MIN_VALUE; code <= Byte.MAX_VALUE; code++) {
            final RecordKind kind = RecordKind.ofCode((byte) code);
            if (kind != null) {
                assertThat(kind.code()).isEqualTo((byte) code);
                known++;
            }
        }
        assertThat(known).isEqualTo(RecordKind.values().length);
    }
}
