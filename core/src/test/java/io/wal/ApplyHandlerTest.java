package io.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.store.Eventually;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ApplyHandlerTest {
    @Test
    void everyEntryIsAppliedInOrderWithItsPayload() {
        final List<String> applied = new CopyOnWriteArrayList<>();
        try (FakeLog fake =
                new FakeLog(
                        context ->
                                context.applyHandler(
                                        (lsn, kind, buffer, offset, length) ->
                                                applied.add(
                                                        lsn
                                                                + " "
                                                                + kind
                                                                + " "
                                                                + length
                                                                + " "
                                                                + buffer.getByte(
                                                                        offset + length - 1))))) {
            final AppendClaim claim = new AppendClaim();
            fake.payload.putByte(63, (byte) 1);
            fake.append();
            fake.payload.putByte(9999, (byte) 2);
            fake.log.append(fake.payload, 0, 10_000);
            fake.log.tryClaim(50, Durability.FORCED, null, claim);
            claim.abort();
            fake.log.tryClaim(8, Durability.WRITTEN, null, claim);
            claim.buffer().putByte(claim.offset() + 7, (byte) 4);
            claim.commit();
            try (Checkpoint checkpoint = fake.log.startCheckpoint()) {
                fake.payload.putByte(199, (byte) 5);
                checkpoint.append(fake.payload, 0, 200);
                checkpoint.finalizeCheckpoint();
            }

            Eventually.isTrue("all are applied", () -> applied.size() == 4);
            assertThat(applied)
                    .containsExactly(
                            "1 DATA 64 1", "2 DATA 10000 2", "4 DATA 8 4", "5 CHECKPOINT 200 5");
        }
    }

    @Test
    void entriesAreAppliedOnAThreadOfTheirOwnBehindTheirCompletion() {
        final List<String> events = new CopyOnWriteArrayList<>();
        try (FakeLog fake =
                new FakeLog(
                        context ->
                                context.applyHandler(
                                        (lsn, kind, buffer, offset, length) ->
                                                events.add(
                                                        "applied on "
                                                                + Thread.currentThread()
                                                                        .getName())))) {
            fake.log.append(
                    fake.payload,
                    0,
                    8,
                    Durability.FORCED,
                    (lsn, failure) -> events.add("told on " + Thread.currentThread().getName()));

            Eventually.isTrue("both have come", () -> events.size() == 2);
            assertThat(events)
                    .containsExactly("told on wal-completion-fake", "applied on wal-apply-fake");
        }
    }

    @Test
    void handlerThatThrowsIsReportedAndTheLogGoesOn() {
        final AtomicLong last = new AtomicLong();
        try (FakeLog fake =
                new FakeLog(
                        context ->
                                context.applyHandler(
                                        (lsn, kind, buffer, offset, length) -> {
                                            last.set(lsn);
                                            if (lsn % 2 == 1) {
                                                throw new IllegalStateException("odd " + lsn);
                                            }
                                        }))) {
            for (int i = 0; i < 4; i++) {
                fake.append();
            }

            Eventually.isTrue("all are applied", () -> last.get() == 4);
            assertThat(fake.errors)
                    .extracting(Throwable::getMessage)
                    .containsExactly("odd 1", "odd 3");
        }
    }

    @Test
    void whatFailedIsNotApplied() {
        final List<Long> applied = new CopyOnWriteArrayList<>();
        final FakeLog fake =
                new FakeLog(
                        context ->
                                context.applyHandler(
                                        (lsn, kind, buffer, offset, length) -> applied.add(lsn)));
        fake.append();
        fake.log.awaitDurable(1);
        fake.store.failNextCommit.set(new IOException("gone"));
        fake.append();
        fake.awaitTold(2);
        fake.close();

        assertThat(applied).containsExactly(1L);
    }

    @Test
    void slotsAreFreeAgainOnlyWhenTheHandlerIsDoneWithThem() throws Exception {
        final CountDownLatch inside = new CountDownLatch(1);
        final CountDownLatch goOn = new CountDownLatch(1);
        final AtomicLong last = new AtomicLong();
        try (FakeLog fake =
                new FakeLog(
                        context ->
                                context.applyHandler(
                                        (lsn, kind, buffer, offset, length) -> {
                                            inside.countDown();
                                            await(goOn);
                                            last.set(lsn);
                                        }))) {
            fake.append();
            assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
            while (fake.tryAppend() > 0) {
                assertThat(fake.log.lastLsn()).isLessThanOrEqualTo(16);
            }
            fake.awaitTold(16);
            assertThat(fake.tryAppend()).isEqualTo(WriteAheadLog.BACK_PRESSURED);

            goOn.countDown();

            assertThat(fake.append()).isEqualTo(17);
            Eventually.isTrue("all are applied", () -> last.get() == 17);
        }
    }

    @Test
    void everyEntryIsAppliedPromptlyThoughNothingFollowsIt() {
        final AtomicLong last = new AtomicLong();
        try (FakeLog fake =
                new FakeLog(
                        context ->
                                context.applyHandler(
                                        (lsn, kind, buffer, offset, length) -> last.set(lsn)))) {
            for (long lsn = 1; lsn <= 2000; lsn++) {
                fake.log.append(fake.payload, 0, 8);
                if (lsn % 16 == 0) {
                    FakeLog.awaitWaiting(FakeLog.thread("wal-apply-fake"));
                }
                final long appended = lsn;
                Eventually.isTrue(
                        () -> appended + " is applied, not only " + last,
                        () -> last.get() == appended);
            }
        }
    }

    private static void await(final CountDownLatch latch) {
        try {
            latch.await();
        } catch (final InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
