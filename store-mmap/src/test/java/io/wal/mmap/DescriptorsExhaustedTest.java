package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.wal.LogFailedException;
import io.wal.StorageException;
import io.wal.WalException;
import io.wal.WriteAheadLog;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that has no file descriptors left, or just a few. */
class DescriptorsExhaustedTest {
    private static final int LIMIT = 512;
    private static final int MOST_LEFT = 24;
    private static final Path OPEN_FILES = Path.of("/proc/self/fd");

    @TempDir Path temporary;

    @Test
    void openingFailsWithTheReasonAndSucceedsWhenThereAreSomeAgain() throws Exception {
        assumeTrue(Files.isDirectory(OPEN_FILES), "descriptors cannot be counted here");
        final List<String> lines = new ArrayList<>();
        try (ChildJvm child = ChildJvm.startWithDescriptors(LIMIT, Opener.class, temporary)) {
            for (String line = child.line(); line != null; line = child.line()) {
                lines.add(line);
            }
            assertThat(child.finish()).as(lines.toString()).isZero();
        }
        assertThat(lines).startsWith("refused").endsWith("opened", "recovered");
        assertThat(lines.subList(0, lines.size() - 2)).containsOnly("refused");
    }

    /** The other process: lets go of one descriptor after the other. */
    static final class Opener {
        private Opener() {}

        public static void main(final String[] arguments) throws Exception {
            final LogFixture fixture = new LogFixture(Path.of(arguments[0]).resolve("log"));
            try (WriteAheadLog log = fixture.open()) { // loads all classes, too
                LogFixture.append(log, "first");
            }
            loadTheRest(arguments);
            final Deque<FileInputStream> hoard = hoard();
            for (int left = 0; !isOpened(fixture); left++) {
                if (left == MOST_LEFT) {
                    throw new AssertionError("never opened");
                }
                System.out.println("refused");
                hoard.pop().close();
            }
            System.out.println("opened");
            while (!hoard.isEmpty()) {
                hoard.pop().close();
            }
            if (fixture.recoverAll().size() < 2) {
                throw new AssertionError("an entry is missing");
            }
            System.out.println("recovered");
        }

        private static boolean isOpened(final LogFixture fixture) {
            try (WriteAheadLog log = fixture.open()) {
                log.recover((lsn, kind, buffer, offset, length) -> {});
                LogFixture.append(log, "second");
                log.flush();
                return true;
            } catch (final WalException e) { // it may also come to the end of them later
                if (!e.getMessage().contains("Too many open files")) {
                    throw new AssertionError(e.getMessage(), e);
                }
                return false;
            }
        }

        private static void loadTheRest(final String[] arguments) throws IOException {
            final Path file = Files.createFile(Path.of(arguments[0]).resolve("file"));
            try {
                new LogFixture(file).open();
                throw new AssertionError("opened a file");
            } catch (final StorageException e) {
                Objects.requireNonNull(LogFailedException.class.getMethods()); // all its own
            }
        }

        private static Deque<FileInputStream> hoard() {
            final Deque<FileInputStream> hoard = new ArrayDeque<>();
            try {
                while (hoard.size() < LIMIT) {
                    hoard.push(new FileInputStream("/dev/null"));
                }
                throw new AssertionError("there is no limit");
            } catch (final IOException e) {
                return hoard;
            }
        }
    }
}
