package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.WriteAheadLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Time of day may jump: nothing but what people read depends on it. */
class ClockTest {
    private static final Pattern TIME_OF_DAY =
            Pattern.compile(
                    "currentTimeMillis|Instant\\.now|Clock\\.|LocalDate|ZonedDateTime|new Date\\(");

    /** Those that put it into counters, for people to read. */
    private static final Set<String> FOR_PEOPLE =
            Set.of("CommitMeter.java", "CountersPublisher.java");

    @TempDir(factory = MemoryDirectory.class)
    Path temporary;

    @Test
    void timeOfDayIsReadForPeopleOnly() throws IOException {
        final Set<String> readers = new TreeSet<>();
        for (final String module : List.of("core", "store-mmap")) {
            try (Stream<Path> sources = Files.walk(Path.of("..", module, "src", "main", "java"))) {
                for (final Path source : sources.filter(Files::isRegularFile).toList()) {
                    if (TIME_OF_DAY.matcher(Files.readString(source)).find()) {
                        readers.add(source.getFileName().toString());
                    }
                }
            }
        }
        assertThat(readers).isEqualTo(new TreeSet<>(FOR_PEOPLE));
    }

    /** What a clock that was years off leaves in the file system and in the owner's record. */
    @Test
    void filesFromThePastAndTheFutureAreOpened() throws IOException {
        final LogFixture fixture =
                new LogFixture(temporary.resolve("log"))
                        .segmentLength(8 << 10)
                        .store(context -> context.countersFile(true));
        final List<String> expected = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            try (WriteAheadLog log = fixture.open()) {
                assertThat(LogFixture.recover(log)).isEqualTo(expected);
                expected.addAll(LogFixture.appendRange(log, 100 * i + 1, 100 * i + 100));
            }
            final Instant odd =
                    Instant.parse(i % 2 == 0 ? "1970-01-02T00:00:00Z" : "2199-01-01T00:00:00Z");
            for (final String name : fixture.names()) {
                Files.setLastModifiedTime(fixture.file(name), FileTime.from(odd));
            }
            new OwnerRecord(Long.MAX_VALUE, "elsewhere", odd.toString())
                    .write(Disk.REAL, fixture.file(LogDirectory.OWNER));
        }
        assertThat(fixture.recoverAll()).isEqualTo(expected);
    }
}
