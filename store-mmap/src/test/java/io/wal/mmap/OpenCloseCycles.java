package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.LogInUseException;
import io.wal.LogReader;
import io.wal.WriteAheadLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Opens, uses and closes a log again and again, then asks the operating system what is left. In a
 * process of its own, so that its memory can be limited to a few openings' worth.
 */
final class OpenCloseCycles {
    static final Path PROCESS = Path.of("/proc/self");
    private static final int KEPT_ENTRIES = 20;

    private OpenCloseCycles() {}

    public static void main(final String[] arguments) throws Exception {
        final LogFixture fixture =
                new LogFixture(Path.of(arguments[0]))
                        .segmentLength(8 << 10)
                        .store(context -> context.maxSpareSegments(2).countersFile(true))
                        .wal(context -> context.ringCapacity(8).slotLength(64));
        use(fixture, Integer.parseInt(arguments[1]));
        assertNothingIsOpen(fixture.directory());
        System.out.println("nothing is left");
    }

    private static void use(final LogFixture fixture, final int cycles) {
        for (int i = 0; i < cycles; i++) {
            try (WriteAheadLog log = fixture.open()) {
                LogFixture.recover(log);
                LogFixture.append(log, "entry " + i);
                log.flush();
                switch (i % 4) {
                    case 0 -> read(log);
                    case 1 ->
                            assertThatThrownBy(fixture::open).isInstanceOf(LogInUseException.class);
                    case 2 -> inspect(fixture.directory());
                    default -> LogFixture.append(log, "x".repeat(3900)); // rolls
                }
                if (i % KEPT_ENTRIES == 0) {
                    LogFixture.checkpoint(log, "state " + i);
                }
            }
        }
    }

    private static void read(final WriteAheadLog log) {
        final long[] count = {0};
        try (LogReader reader = log.reader(log.recovered().startLsn())) {
            reader.poll((lsn, kind, buffer, offset, length) -> count[0]++, Integer.MAX_VALUE);
        }
        assertThat(count[0]).isPositive();
    }

    private static void inspect(final Path directory) {
        try (MmapLogInspector inspector = new MmapLogInspector(directory)) {
            assertThat(inspector.verify(progress -> {}).damages()).isEmpty();
        }
    }

    static void assertNothingIsOpen(final Path directory) throws Exception {
        Await.until("threads end", () -> threads(directory).isEmpty());
        assertThat(mappings(directory)).as("mappings").isEmpty();
        assertThat(descriptors(directory)).as("descriptors").isEmpty();
    }

    static List<String> mappings(final Path directory) throws IOException {
        try (Stream<String> lines = Files.lines(PROCESS.resolve("maps"))) {
            return lines.filter(line -> line.contains(directory.toString())).toList();
        }
    }

    static List<String> descriptors(final Path directory) throws IOException {
        final List<String> names = new ArrayList<>();
        try (Stream<Path> links = Files.list(PROCESS.resolve("fd"))) {
            for (final Path link : links.toList()) {
                if (Files.isSymbolicLink(link)) { // the one of the listing is gone
                    final String target = Files.readSymbolicLink(link).toString();
                    if (target.startsWith(directory.toString())) {
                        names.add(target);
                    }
                }
            }
        }
        return names;
    }

    static List<Thread> threads(final Path directory) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().contains(directory.toString()))
                .toList();
    }

    /** Whether the threads of a name, if there are any, have nothing to do. */
    static boolean areAtRest(final String threadName) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(threadName))
                .allMatch(thread -> thread.getState() == Thread.State.WAITING);
    }
}
