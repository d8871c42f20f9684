package io.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.store.Eventually;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The stages behind the store sleep while nobody is to be called back; nobody must miss them. */
@Timeout(60)
class LazyStagesTest {
    private static final EntryHandler NOTHING = (lsn, kind, buffer, offset, length) -> {};
    private static final int PRODUCERS = 4;
    private static final int APPENDS = 300;
    private static final int RING = 16;

    @ParameterizedTest
    @EnumSource(WaitMode.class)
    void eachThreadThatWaitsForItsEntryIsWoken(final WaitMode mode) {
        try (FakeLog fake = new FakeLog(context -> context.waitMode(mode))) {
            final List<CompletableFuture<Void>> producers = new ArrayList<>();
            for (int i = 0; i < PRODUCERS; i++) {
                producers.add(
                        FakeLog.run(
                                () -> {
                                    for (int n = 0; n < APPENDS; n++) {
                                        fake.log.appendAndAwait(
                                                fake.payload, 0, 64, Durability.FORCED);
                                    }
                                }));
            }
            producers.forEach(CompletableFuture::join);

            assertThat(fake.log.durableLsn()).isEqualTo(PRODUCERS * APPENDS);
        }
    }

    @Test
    void slotsOfEntriesThatNobodyIsToldOfAreUsedAgain() {
        try (FakeLog fake = new FakeLog(context -> context.ringCapacity(RING))) {
            for (int n = 0; n < RING * RING; n++) {
                fake.log.append(fake.payload, 0, 64, Durability.FORCED, null);
                fake.log.append(fake.payload, 0, 4096, Durability.FORCED, null);
            }

            assertThat(fake.log.flush()).isEqualTo(2 * RING * RING);
        }
    }

    @Test
    void theFirstCompletionIsCalledThoughTheStagesSlept() {
        try (FakeLog fake = new FakeLog()) {
            fake.log.appendAndAwait(fake.payload, 0, 64, Durability.FORCED);
            fake.append();

            fake.awaitTold(1);

            assertThat(fake.told).containsExactly("2");
        }
    }

    @ParameterizedTest
    @EnumSource(WaitMode.class)
    void whoWaitsBehindAClaimThatIsNeverEndedIsToldOfTheFailure(final WaitMode mode) {
        for (final boolean applies : new boolean[] {false, true}) {
            try (FakeLog fake =
                    new FakeLog(
                            context ->
                                    context.waitMode(mode)
                                            .closeTimeout(FakeLog.CLOSE_TIMEOUT)
                                            .applyHandler(applies ? NOTHING : null))) {
                fake.log.tryClaim(8, Durability.FORCED, null, new AppendClaim());
                final CompletableFuture<Void> waiting =
                        FakeLog.run(
                                () ->
                                        fake.log.appendAndAwait(
                                                fake.payload, 0, 64, Durability.FORCED));
                Eventually.isTrue("it waits", () -> fake.log.lastLsn() == 2);

                fake.store.fail(new IOException("gone"));

                assertThatThrownBy(waiting::join).hasCauseInstanceOf(LogFailedException.class);
            }
        }
    }

    @Test
    void closingPassesAllEntriesThroughTheStages() {
        final FakeLog fake = new FakeLog(context -> context.ringCapacity(1024));
        for (int n = 0; n < RING; n++) {
            fake.log.append(fake.payload, 0, 64, Durability.FORCED, null);
        }

        fake.log.close();

        assertThat(fake.errors).isEmpty();
    }
}
