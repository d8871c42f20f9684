package io.wal.mmap;

import io.wal.Durability;
import io.wal.LogClosedException;
import io.wal.WalException;
import io.wal.WriteAheadLog;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A process that ends in the middle of its appending, without closing its log. It prints each LSN
 * as it is acknowledged.
 */
final class EndingProcess {
    /** How it ends. */
    enum Ending {
        /** The main thread exits. */
        EXIT,
        /** A completion exits, on a thread of the log. */
        EXIT_IN_COMPLETION,
        /** The same, and a shutdown hook closes the log. */
        EXIT_IN_COMPLETION_CLOSED_BY_HOOK,
        /** The main thread exits, and a shutdown hook closes the log. */
        CLOSED_BY_HOOK,
        /** No hooks. */
        HALT,
        /** The main thread returns, and only threads are left that do not keep the JVM alive. */
        RETURN,
        /** The main thread dies of an error. */
        ERROR
    }

    /** The end comes with it. */
    static final long LAST_LSN = 500;

    private final OutputStream out = new FileOutputStream(FileDescriptor.out); // not buffered
    private final Ending ending;
    private final CountDownLatch reached = new CountDownLatch(1);
    private final AtomicBoolean exiting = new AtomicBoolean();

    private EndingProcess(final Ending ending) {
        this.ending = ending;
    }

    public static void main(final String[] arguments) throws Exception {
        new EndingProcess(Ending.valueOf(arguments[1])).run(Path.of(arguments[0]));
    }

    private void run(final Path directory) throws Exception {
        final WriteAheadLog log =
                new LogFixture(directory)
                        .wal(context -> context.ringCapacity(64).closeTimeout(closeTimeout()))
                        .open();
        log.recover((lsn, kind, buffer, offset, length) -> {});
        if (ending == Ending.CLOSED_BY_HOOK || ending == Ending.EXIT_IN_COMPLETION_CLOSED_BY_HOOK) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> close(log)));
        }
        for (int i = 0; i < 2; i++) {
            final Thread producer = new Thread(() -> produce(log));
            producer.setDaemon(true);
            producer.start();
        }
        reached.await();
        switch (ending) {
            case EXIT, CLOSED_BY_HOOK -> System.exit(7);
            case HALT -> Runtime.getRuntime().halt(7);
            case ERROR -> {
                Thread.currentThread().setUncaughtExceptionHandler((thread, error) -> {}); // quiet
                throw new StackOverflowError("played");
            }
            default -> {}
        }
        if (ending != Ending.RETURN) {
            Thread.currentThread().join(); // the completion ends it
        }
    }

    /** The hook that waits for the thread that waits for the hook gives up after a second. */
    private Duration closeTimeout() {
        return Duration.ofSeconds(ending == Ending.EXIT_IN_COMPLETION_CLOSED_BY_HOOK ? 1 : 20);
    }

    private static void close(final WriteAheadLog log) {
        try {
            log.close();
        } catch (final WalException e) {
            e.printStackTrace();
        }
    }

    private void produce(final WriteAheadLog log) {
        final UnsafeBuffer payload = new UnsafeBuffer(new byte[64]);
        payload.setMemory(0, 64, (byte) 'x');
        try {
            for (int i = 0; ; i++) {
                final Durability durability = i % 3 == 0 ? Durability.WRITTEN : Durability.FORCED;
                log.append(payload, 0, i % 64, durability, this::acknowledged);
            }
        } catch (final LogClosedException e) {
            // the hook has closed it
        }
    }

    private void acknowledged(final long lsn, final WalException failure) {
        if (failure != null) {
            return;
        }
        try {
            out.write((lsn + "\n").getBytes(StandardCharsets.US_ASCII)); // whole, or not at all
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        if (lsn >= LAST_LSN) {
            reached.countDown();
            if ((ending == Ending.EXIT_IN_COMPLETION
                            || ending == Ending.EXIT_IN_COMPLETION_CLOSED_BY_HOOK)
                    && exiting.compareAndSet(false, true)) {
                System.exit(7);
            }
        }
    }
}
