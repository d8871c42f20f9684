package io.wal.jmh.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The group commit under floors and some peers: an acknowledgement follows its force. */
@Timeout(60)
final class RingJournalTest {
    private static final JournalSettings SETTINGS = JournalSettings.forced(8, 1, 16);

    private final GatedMedium medium = new GatedMedium();
    private final UnsafeBuffer payload = new UnsafeBuffer(new byte[8]);

    @Test
    void acknowledgesOnlyWhatAFinishedForceCovers() throws Exception {
        try (RingJournal journal = open()) {
            final JournalUnderTest.Producer producer = journal.producer();

            final long first = producer.append(payload, 0, 8);
            medium.begun.await();
            final long second = producer.append(payload, 0, 8);
            assertThat(producer.acknowledged()).isLessThan(first);
            medium.permits.release();
            medium.secondBegun.await();
            assertThat(producer.acknowledged()).isBetween(first, second - 1);
            medium.permits.release(1000);
        }
        assertThat(medium.writes).isEqualTo(2);
    }

    @Test
    void failedForceFailsTheJournal() throws Exception {
        medium.failing = true;
        medium.permits.release(1000);
        final RingJournal journal = open();
        final JournalUnderTest.Producer producer = journal.producer();

        assertThatThrownBy(
                        () -> {
                            final long ticket = producer.append(payload, 0, 8);
                            while (producer.acknowledged() < ticket) {
                                Thread.onSpinWait();
                            }
                        })
                .hasRootCauseMessage("as told");

        assertThatThrownBy(journal::close).hasRootCauseMessage("as told");
    }

    private RingJournal open() throws Exception {
        final RingJournal journal = new RingJournal(medium, SETTINGS);
        journal.open(Path.of("."));
        return journal;
    }

    /** Forces only with a permit. */
    private static final class GatedMedium implements Medium {
        private final Semaphore permits = new Semaphore(0);
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch secondBegun = new CountDownLatch(2);
        private boolean failing;
        private int writes;

        @Override
        public void open(final Path directory) {}

        @Override
        public void write(final DirectBuffer buffer, final int offset, final int length) {
            writes++;
        }

        @Override
        public void commit(final boolean force) throws Exception {
            begun.countDown();
            secondBegun.countDown();
            if (!permits.tryAcquire(30, TimeUnit.SECONDS) || failing) {
                throw new IOException("as told");
            }
        }

        @Override
        public void trim() {}

        @Override
        public long replay(final JournalUnderTest.PayloadHandler handler) {
            return 0;
        }

        @Override
        public void close() {}
    }
}
