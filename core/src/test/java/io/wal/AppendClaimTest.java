package io.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.store.Eventually;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AppendClaimTest {
    private final AppendClaim claim = new AppendClaim();

    private static long claim(final FakeLog fake, final AppendClaim claim, final int length) {
        return fake.log.tryClaim(length, Durability.FORCED, fake.noting, claim);
    }

    @Test
    void claimShowsWhereToWriteUntilItIsEnded() {
        try (FakeLog fake = new FakeLog()) {
            assertThat(claim.buffer()).isNull();
            assertThat(claim.lsn()).isZero();

            assertThat(claim(fake, claim, 40)).isEqualTo(1);
            assertThat(claim.lsn()).isEqualTo(1);
            assertThat(claim.length()).isEqualTo(40);
            assertThat(claim.offset() % 8).isZero();
            assertThat(claim.buffer().capacity()).isGreaterThanOrEqualTo(claim.offset() + 40);
            claim.commit();

            assertThat(claim.buffer()).isNull();
            assertThat(claim.lsn()).isZero();
            fake.awaitTold(1);
        }
    }

    @Test
    void claimEndsOnce() {
        try (FakeLog fake = new FakeLog()) {
            claim.abort();
            assertThatThrownBy(claim::commit)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("nothing is claimed");
            claim(fake, claim, 8);
            claim.commit();
            claim.abort();
            assertThatThrownBy(claim::commit).isInstanceOf(IllegalStateException.class);
            claim(fake, claim, 8);
            claim.abort();
            assertThatThrownBy(claim::commit).isInstanceOf(IllegalStateException.class);
            fake.append();

            fake.awaitTold(2);
            assertThat(fake.told).as("an aborted claim is not told").containsExactly("1", "3");
        }
    }

    @Test
    void claimHoldsOneSpaceAtATime() {
        try (FakeLog fake = new FakeLog()) {
            claim(fake, claim, 8);
            assertThatThrownBy(() -> claim(fake, claim, 8))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("LSN 1");
            claim.commit();
            assertThat(claim(fake, claim, 8)).as("the refused one used no LSN").isEqualTo(2);
            claim.commit();
        }
    }

    @Test
    void lengthIsChecked() {
        try (FakeLog fake = new FakeLog(context -> context.maxPayloadLength(1000))) {
            for (final int length : new int[] {-1, 1001, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
                assertThatThrownBy(() -> claim(fake, claim, length))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(Integer.toString(length));
            }
            assertThat(claim(fake, claim, 1000)).isEqualTo(1);
            claim.abort();
        }
    }

    @Test
    void claimsMayBeEndedInAnyOrderButCountInTheirOwn() {
        try (FakeLog fake = new FakeLog()) {
            final AppendClaim second = new AppendClaim();
            final AppendClaim third = new AppendClaim();
            claim(fake, claim, 8);
            claim(fake, second, 100);
            claim(fake, third, 1000);
            third.commit();
            second.commit();
            fake.append();
            assertThat(Eventually.within(Duration.ofMillis(20), () -> !fake.told.isEmpty()))
                    .isFalse();
            assertThat(fake.log.durableLsn()).isZero();

            claim.commit();

            fake.awaitTold(4);
            assertThat(fake.told).containsExactly("1", "2", "3", "4");
        }
    }

    @Test
    void forgottenClaimLetsCloseTimeOutAndNamesItsLsn() {
        final FakeLog fake = new FakeLog(context -> context.closeTimeout(FakeLog.CLOSE_TIMEOUT));
        fake.append();
        assertThat(claim(fake, claim, 8)).isEqualTo(2);
        fake.append();
        fake.append();

        assertThatThrownBy(fake.log::close)
                .isInstanceOf(LogFailedException.class)
                .hasMessageContaining("the claim of LSN 2 was neither committed nor aborted")
                .hasMessageContaining("PT0.5S");

        assertThat(fake.told).containsExactly("1", "3 LogFailedException", "4 LogFailedException");
        assertThat(fake.store.closes).hasValue(1);
        assertThat(fake.store.closedCleanly).isFalse();
        FakeLog.awaitNoThreads();
        fake.close();
    }

    @Test
    void claimCommittedAfterCloseHasTimedOutIsToldSo() {
        final FakeLog fake = new FakeLog(context -> context.closeTimeout(FakeLog.CLOSE_TIMEOUT));
        claim(fake, claim, 8);
        assertThatThrownBy(fake.log::close).isInstanceOf(LogFailedException.class);
        assertThat(fake.told).isEmpty();

        claim.commit();

        assertThat(fake.told).containsExactly("1 LogFailedException");
        assertThat(fake.store.writes).hasValue(0);
        fake.close();
    }

    @Test
    void closeWaitsForAClaimThatIsEndedInTime() throws Exception {
        final FakeLog fake = new FakeLog();
        claim(fake, claim, 8);
        final CompletableFuture<Void> closing = FakeLog.run(fake.log::close);
        Eventually.isTrue("the log closes", () -> fake.tryAppend() == WriteAheadLog.CLOSED);

        claim.commit();

        closing.get(30, TimeUnit.SECONDS);
        assertThat(fake.told).startsWith("1").noneMatch(text -> text.contains("Exception"));
        assertThat(fake.store.closedCleanly).isTrue();
        fake.close();
    }

    @Test
    void waiterBehindAnUnendedClaimLearnsOfAFailure() {
        try (FakeLog fake = new FakeLog()) {
            claim(fake, claim, 8);
            final CompletableFuture<Long> waiting =
                    FakeLog.supply(
                            () -> fake.log.appendAndAwait(fake.payload, 0, 8, Durability.FORCED));
            Eventually.isTrue("it has its LSN", () -> fake.log.lastLsn() == 2);

            fake.store.fail(new IOException("gone"));

            assertThat(waiting)
                    .failsWithin(30, TimeUnit.SECONDS)
                    .withThrowableThat()
                    .withCauseInstanceOf(LogFailedException.class);
            claim.abort();
        }
    }

    @Test
    void claimEndedAfterAFailureLetsThoseBehindItBeTold() {
        try (FakeLog fake = new FakeLog()) {
            claim(fake, claim, 8);
            fake.append();
            fake.store.fail(new IOException("gone"));
            Eventually.isTrue("it has failed", () -> fake.log.failure() != null);
            FakeLog.awaitWaiting(FakeLog.thread("wal-completion-fake"));
            assertThat(fake.told).isEmpty();

            claim.commit();

            fake.awaitTold(2);
            assertThat(fake.told).containsExactly("1 LogFailedException", "2 LogFailedException");
            assertThat(claim(fake, claim, 8)).isEqualTo(WriteAheadLog.FAILED);
            claim.abort();
        }
    }
}
