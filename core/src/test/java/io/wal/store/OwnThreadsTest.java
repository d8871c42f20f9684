package io.wal.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OwnThreadsTest {
    private final CountDownLatch end = new CountDownLatch(1);
    private final Thread thread = new Thread(this::awaitEnd);

    @BeforeEach
    void start() {
        thread.start();
    }

    @AfterEach
    void end() throws InterruptedException {
        end.countDown();
        thread.join();
    }

    @Test
    void threadThatHasNotEndedInTimeIsSaidNotToHave() {
        assertThat(OwnThreads.join(thread, 0)).isFalse();
        assertThat(OwnThreads.join(thread, 1_000_000)).isFalse();

        end.countDown();

        assertThat(OwnThreads.join(thread, Long.MAX_VALUE)).isTrue();
        assertThat(OwnThreads.join(thread, 0)).isTrue();
    }

    @Test
    void interruptIsKeptAndDoesNotEndTheWait() {
        Thread.currentThread().interrupt();
        assertThat(OwnThreads.join(thread, 1_000_000)).isFalse();
        assertThat(Thread.currentThread().isInterrupted()).isTrue();

        end.countDown();
        OwnThreads.join(thread);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(thread.isAlive()).isFalse();
    }

    private void awaitEnd() {
        boolean ended = false;
        while (!ended) {
            try {
                end.await();
                ended = true;
            } catch (final InterruptedException e) {
                // nobody interrupts it
            }
        }
    }
}
