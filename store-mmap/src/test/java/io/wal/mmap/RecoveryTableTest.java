package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.mmap.RecoveryTable.End;
import io.wal.mmap.RecoveryTable.Outcome;
import io.wal.mmap.RecoveryTable.Successor;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecoveryTableTest {
    @Test
    void everyCombinationMatchesExactlyOneRow() {
        for (final End end : End.values()) {
            for (final Successor successor : Successor.values()) {
                for (final boolean durable : new boolean[] {false, true}) {
                    final List<RecoveryTable> rows =
                            Stream.of(RecoveryTable.values())
                                    .filter(row -> row.matches(end, successor, durable))
                                    .toList();

                    assertThat(rows)
                            .as(end + ", " + successor + ", durable=" + durable)
                            .hasSize(1)
                            .containsExactly(RecoveryTable.of(end, successor, durable));
                }
            }
        }
    }

    @Test
    void everyRowIsReachedAndEveryOutcomeIsUsed() {
        final Set<RecoveryTable> reached = EnumSet.noneOf(RecoveryTable.class);
        for (final End end : End.values()) {
            for (final Successor successor : Successor.values()) {
                reached.add(RecoveryTable.of(end, successor, false));
                reached.add(RecoveryTable.of(end, successor, true));
            }
        }

        assertThat(reached).containsExactlyInAnyOrder(RecoveryTable.values());
        assertThat(Arrays.stream(RecoveryTable.values()).map(RecoveryTable::outcome))
                .contains(Outcome.values());
    }

    /** The table of the format's description, row by row. */
    @ParameterizedTest
    @CsvSource({
        "SEALED, BEGUN,    false, NEXT_SEGMENT",
        "SEALED, BEGUN,    true,  NEXT_SEGMENT",
        "SEALED, PREPARED, false, WHOLE_TAIL",
        "SEALED, PREPARED, true,  WHOLE_TAIL",
        "SEALED, MISSING,  false, SUCCESSOR_MISSING",
        "SEALED, MISSING,  true,  SUCCESSOR_MISSING",
        "CLOSED, BEGUN,    false, DAMAGED",
        "CLOSED, BEGUN,    true,  DAMAGED",
        "CLOSED, PREPARED, false, CLOSED_TAIL",
        "CLOSED, PREPARED, true,  CLOSED_TAIL",
        "CLOSED, MISSING,  false, CLOSED_TAIL",
        "CLOSED, MISSING,  true,  CLOSED_TAIL",
        "BROKEN, BEGUN,    false, DAMAGED",
        "BROKEN, BEGUN,    true,  DAMAGED",
        "BROKEN, PREPARED, false, TORN_TAIL",
        "BROKEN, PREPARED, true,  DAMAGED",
        "BROKEN, MISSING,  false, TORN_TAIL",
        "BROKEN, MISSING,  true,  DAMAGED",
    })
    void meansWhatTheFormatSays(
            final End end,
            final Successor successor,
            final boolean durable,
            final Outcome meaning) {
        assertThat(RecoveryTable.of(end, successor, durable).outcome()).isEqualTo(meaning);
    }
}
