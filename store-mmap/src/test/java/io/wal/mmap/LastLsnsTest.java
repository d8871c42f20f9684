package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.LogFullException;
import io.wal.LogReader;
import io.wal.WriteAheadLog;
import io.wal.inspect.LogReport;
import io.wal.inspect.LogReport.Verdict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log in files whose LSNs come near their end. */
class LastLsnsTest {
    private static final long LAST_TO_OPEN = 1L << 62;
    private static final int PER_OPENING = 100;

    @TempDir Path temporary;

    private LogFixture fixture;

    @BeforeEach
    void beginFarOn() {
        fixture =
                new LogFixture(temporary.resolve("log"))
                        .store(context -> context.firstLsn(LAST_TO_OPEN - 2 * PER_OPENING + 1));
    }

    @Test
    void logIsAppendedToReadAndRecoveredUpToTheLast() throws Exception {
        // given: two openings that use up all
        final List<String> appended = new ArrayList<>(append());
        assertThat(fixture.recoverAll()).isEqualTo(appended);
        appended.addAll(append());

        // then: it may be opened once more, and goes on
        try (WriteAheadLog log = fixture.open()) {
            assertThat(LogFixture.recover(log)).isEqualTo(appended);
            assertThat(log.lastLsn()).isEqualTo(LAST_TO_OPEN);
            assertThat(LogFixture.append(log, "one more")).isEqualTo(LAST_TO_OPEN + 1);
            log.flush();
            try (LogReader reader = log.reader(LAST_TO_OPEN)) {
                final List<Long> lsns = new ArrayList<>();
                reader.poll((lsn, kind, buffer, offset, length) -> lsns.add(lsn), 10);
                assertThat(lsns).containsExactly(LAST_TO_OPEN, LAST_TO_OPEN + 1);
            }
            LogFixture.checkpoint(log, "and a checkpoint");
        }
    }

    @Test
    void logBeyondIsNotOpenedAndCanStillBeLookedAt() throws Exception {
        // given
        append();
        append();
        append();

        // then
        for (int i = 0; i < 2; i++) { // a refusal holds nothing
            assertThatThrownBy(fixture::open)
                    .isInstanceOf(LogFullException.class)
                    .hasMessageContaining(
                            "cannot append to "
                                    + fixture.directory()
                                    + ": its last LSN is "
                                    + (LAST_TO_OPEN + PER_OPENING));
        }
        final List<Long> lsns = new ArrayList<>();
        try (MmapLogInspector inspector = new MmapLogInspector(fixture.directory())) {
            final LogReport report =
                    inspector.visit(
                            1,
                            Long.MAX_VALUE,
                            (segment, at, lsn, kind, buffer, offset, length) -> {
                                if (kind.isEntry()) {
                                    lsns.add(lsn);
                                }
                            });
            assertThat(report.verdict()).isNotEqualTo(Verdict.DAMAGED);
            assertThat(report.lastLsn()).isEqualTo(LAST_TO_OPEN + PER_OPENING);
        }
        assertThat(lsns).hasSize(3 * PER_OPENING).isSorted();
    }

    /** Enough to roll. */
    private List<String> append() {
        final List<String> appended = new ArrayList<>();
        try (WriteAheadLog log = fixture.open()) {
            log.recover((lsn, kind, buffer, offset, length) -> {});
            final String text = "x".repeat(LogFixture.SEGMENT_LENGTH / PER_OPENING * 2);
            for (int i = 0; i < PER_OPENING; i++) {
                appended.add(LogFixture.append(log, text) + " DATA " + text);
            }
        }
        return appended;
    }
}
