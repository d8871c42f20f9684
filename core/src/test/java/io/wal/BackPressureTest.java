package io.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.store.Eventually;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BackPressureTest {
    private static void fill(final FakeLog fake) {
        while (fake.tryAppend() != WriteAheadLog.BACK_PRESSURED) {
            assertThat(fake.log.lastLsn()).isLessThanOrEqualTo(16);
        }
    }

    @Test
    void fullRingPushesBackAndGoesOnWithTheStore() throws Exception {
        try (FakeLog fake = new FakeLog()) {
            fake.appendAndHang();
            fill(fake);
            assertThat(fake.log.lastLsn()).as("the ring's capacity").isEqualTo(16);
            assertThat(fake.log.tryClaim(8, Durability.FORCED, null, new AppendClaim()))
                    .isEqualTo(WriteAheadLog.BACK_PRESSURED);
            final CompletableFuture<Long> waiting = FakeLog.supply(fake::append);
            assertThat(Eventually.within(Duration.ofMillis(30), waiting::isDone)).isFalse();

            fake.store.goOn();

            assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo(17);
            fake.awaitTold(17);
            assertThat(fake.told).hasSize(17);
        }
    }

    @Test
    void failedStoreReleasesProducersThatWaitForSpace() throws Exception {
        try (FakeLog fake = new FakeLog()) {
            fake.appendAndHang();
            fill(fake);
            final List<CompletableFuture<Long>> waiting = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                waiting.add(FakeLog.supply(fake::append));
            }

            fake.store.failNextCommit.set(new IOException("gone"));
            fake.store.goOn();

            for (final CompletableFuture<Long> each : waiting) {
                assertThat(each)
                        .failsWithin(30, TimeUnit.SECONDS)
                        .withThrowableThat()
                        .withCauseInstanceOf(LogFailedException.class);
            }
            fake.awaitTold(16);
            assertThat(fake.told).hasSize(16).allMatch(text -> text.contains("LogFailed"));
        }
    }

    @Test
    void closingReleasesProducersThatWaitForSpace() throws Exception {
        try (FakeLog fake = new FakeLog()) {
            fake.appendAndHang();
            fill(fake);
            final CompletableFuture<Long> waiting = FakeLog.supply(fake::append);
            assertThat(Eventually.within(Duration.ofMillis(10), waiting::isDone)).isFalse();

            final CompletableFuture<Void> closing = FakeLog.run(fake.log::close);

            assertThat(waiting)
                    .failsWithin(30, TimeUnit.SECONDS)
                    .withThrowableThat()
                    .withCauseInstanceOf(LogClosedException.class);
            fake.store.goOn();
            closing.get(30, TimeUnit.SECONDS);
            assertThat(fake.told).hasSize(16).noneMatch(text -> text.contains("Exception"));
        }
    }

    @Test
    void largePayloadsPushBackBeforeTheyTakeTooMuchMemory() throws Exception {
        try (FakeLog fake =
                new FakeLog(
                        context ->
                                context.ringCapacity(1024)
                                        .maxPayloadLength(60_000)
                                        .overflowLimit(200_000))) {
            fake.appendAndHang();
            long last = 0;
            long result = 0;
            while (result != WriteAheadLog.BACK_PRESSURED) {
                last = result;
                result = fake.log.tryAppend(fake.payload, 0, 60_000, Durability.FORCED, null);
            }
            assertThat(last).as("three arrays of 64 KiB").isEqualTo(4);
            assertThat(fake.log.tryClaim(60_000, Durability.FORCED, null, new AppendClaim()))
                    .isEqualTo(WriteAheadLog.BACK_PRESSURED);
            assertThat(fake.tryAppend()).as("small ones need no array").isEqualTo(5);
            final CompletableFuture<Long> waiting =
                    FakeLog.supply(() -> fake.log.append(fake.payload, 0, 60_000));

            fake.store.goOn();

            assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo(6);
            for (int i = 0; i < 100; i++) {
                fake.log.append(fake.payload, 0, 20_000 + i * 400);
            }
            assertThat(fake.log.flush()).isEqualTo(106);
        }
    }

    @Test
    void abortedAndFailedLargePayloadsGiveTheirMemoryBack() {
        try (FakeLog fake =
                new FakeLog(context -> context.maxPayloadLength(60_000).overflowLimit(180_000))) {
            final AppendClaim claim = new AppendClaim();
            for (int i = 0; i < 50; i++) {
                Eventually.isTrue(
                        "there is memory",
                        () -> fake.log.tryClaim(60_000, Durability.FORCED, null, claim) > 0);
                claim.abort();
            }
            assertThat(fake.log.flush()).isEqualTo(50);
        }
    }

    @Test
    void stalledStoreRefusesAppendsWhenToldSo() {
        try (FakeLog fake =
                new FakeLog(context -> context.fullPolicy(WalContext.FullPolicy.FAIL))) {
            final IOException cause = new IOException("No space left on device");
            fake.append();
            fake.store.stall(new LogFullException("/disk", "prepare a segment in", cause));

            assertThat(fake.log.stall()).isInstanceOf(LogFullException.class);
            assertThatThrownBy(fake::append)
                    .isInstanceOfSatisfying(
                            LogFullException.class,
                            e -> assertThat(e.location()).isEqualTo("/disk"))
                    .hasMessage("cannot append to /disk: No space left on device")
                    .hasCause(cause);
            assertThatThrownBy(() -> fake.log.appendAndAwait(fake.payload, 0, 8, Durability.FORCED))
                    .isInstanceOf(LogFullException.class);
            assertThat(fake.tryAppend()).isEqualTo(WriteAheadLog.FULL);
            assertThat(fake.log.tryClaim(8, Durability.FORCED, null, new AppendClaim()))
                    .isEqualTo(WriteAheadLog.FULL);
            assertThat(fake.log.lastLsn()).as("no LSN was used up").isEqualTo(1);

            fake.store.stall(new StorageException("/disk", "write", cause));
            assertThatThrownBy(fake::append)
                    .isInstanceOf(LogFullException.class)
                    .hasMessageContaining("cannot append to fake: cannot write /disk");
            fake.store.stall(null);
            assertThat(fake.append()).as("it goes on by itself").isEqualTo(2);
            assertThat(fake.log.stall()).isNull();
        }
    }

    @Test
    void checkpointCanBeFinalizedWhileTheStoreIsFullForThatMakesSpace() {
        try (FakeLog fake =
                new FakeLog(context -> context.fullPolicy(WalContext.FullPolicy.FAIL))) {
            fake.append();
            fake.store.stall(new LogFullException("/disk", "prepare", new IOException("full")));

            final Checkpoint checkpoint = fake.log.startCheckpoint();
            assertThatThrownBy(() -> checkpoint.append(fake.payload, 0, 8))
                    .isInstanceOf(LogFullException.class);
            checkpoint.finalizeCheckpoint();

            fake.store.stall(null);
        }
    }

    @Test
    void stalledStoreLetsAppendsWaitByDefault() throws Exception {
        try (FakeLog fake = new FakeLog()) {
            fake.appendAndHang();
            fake.store.stall(new LogFullException("/disk", "prepare", new IOException("full")));

            assertThat(fake.tryAppend()).as("while the ring has space").isEqualTo(2);
            fill(fake);
            final CompletableFuture<Long> waiting = FakeLog.supply(fake::append);
            assertThat(Eventually.within(Duration.ofMillis(20), waiting::isDone)).isFalse();
            fake.store.stall(null);
            fake.store.goOn();

            assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo(17);
        }
    }
}
