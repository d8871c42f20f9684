package io.wal.mmap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.wal.Checkpoint;
import io.wal.Durability;
import io.wal.WalContext;
import io.wal.WriteAheadLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;

/** A log in a directory, as the tests use it: small segments, entries of text. */
final class LogFixture {
    static final int SEGMENT_LENGTH = 16 << 10;

    private final Path directory;
    private Disk disk = Disk.REAL;
    private int segmentLength = SEGMENT_LENGTH;
    private UnaryOperator<MmapStoreContext> store = context -> context;
    private UnaryOperator<WalContext> wal = context -> context;

    LogFixture(final Path directory) {
        this.directory = directory;
    }

    LogFixture disk(final Disk newDisk) {
        disk = newDisk;
        return this;
    }

    LogFixture segmentLength(final int length) {
        segmentLength = length;
        return this;
    }

    /** More settings of the store. */
    LogFixture store(final UnaryOperator<MmapStoreContext> settings) {
        store = settings;
        return this;
    }

    /** More settings of the log. */
    LogFixture wal(final UnaryOperator<WalContext> settings) {
        wal = settings;
        return this;
    }

    Path directory() {
        return directory;
    }

    MmapStoreContext storeContext() {
        return store.apply(
                new MmapStoreContext()
                        .directory(directory)
                        .segmentLength(segmentLength)
                        .touchAheadLength(1 << 16)
                        .countersFile(false)
                        .disk(disk));
    }

    MmapLogStore newStore() {
        return new MmapLogStore(storeContext());
    }

    WriteAheadLog open() {
        return open(newStore());
    }

    WriteAheadLog open(final MmapLogStore logStore) {
        return WriteAheadLog.open(
                wal.apply(new WalContext().closeTimeout(Duration.ofSeconds(20)).store(logStore)));
    }

    /** Opens the log, recovers it, and closes it again. */
    List<String> recoverAll() {
        try (WriteAheadLog log = open()) {
            return recover(log);
        }
    }

    LogDirectory logDirectory() {
        return new LogDirectory(disk, directory);
    }

    /** The names in the directory, sorted. */
    List<String> names() throws IOException {
        return disk.list(directory).stream().sorted().toList();
    }

    Path file(final String name) {
        return directory.resolve(name);
    }

    /** Every file's content, by name. */
    Map<String, String> contents() throws IOException {
        return contentsOf(directory);
    }

    /**
     * Every file's content, by name; a file that goes while this looks, as temporary ones do, is
     * "gone".
     */
    static Map<String, String> contentsOf(final Path directory) throws IOException {
        final Map<String, String> contents = new TreeMap<>();
        final List<Path> files;
        try (Stream<Path> paths = Files.list(directory)) {
            files = paths.toList();
        }
        for (final Path path : files) {
            contents.put(path.getFileName().toString(), contentOf(path));
        }
        return contents;
    }

    private static String contentOf(final Path path) throws IOException {
        try {
            return Files.readString(path, ISO_8859_1);
        } catch (final NoSuchFileException e) {
            return "gone";
        }
    }

    /** Puts files into a directory. */
    static void write(final Path directory, final Map<String, String> contents) throws IOException {
        for (final Map.Entry<String, String> file : contents.entrySet()) {
            Files.writeString(directory.resolve(file.getKey()), file.getValue(), ISO_8859_1);
        }
    }

    static long append(final WriteAheadLog log, final String text) {
        return append(log, text, Durability.FORCED);
    }

    static long append(final WriteAheadLog log, final String text, final Durability durability) {
        final byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return log.append(new UnsafeBuffer(bytes), 0, bytes.length, durability, null);
    }

    /** Appends "entry from" to "entry to", and returns them as {@link #recover} would. */
    static List<String> appendRange(final WriteAheadLog log, final int from, final int to) {
        final List<String> expected = new ArrayList<>();
        for (int i = from; i <= to; i++) {
            expected.add(append(log, "entry " + i) + " DATA entry " + i);
        }
        return expected;
    }

    /** Takes a checkpoint of one entry. */
    static void checkpoint(final WriteAheadLog log, final String text) {
        final Checkpoint checkpoint = log.startCheckpoint();
        final byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        checkpoint.append(new UnsafeBuffer(bytes), 0, bytes.length);
        checkpoint.finalizeCheckpoint();
    }

    static List<String> recover(final WriteAheadLog log) {
        final List<String> entries = new ArrayList<>();
        log.recover(
                (lsn, kind, buffer, offset, length) ->
                        entries.add(
                                lsn
                                        + " "
                                        + kind
                                        + " "
                                        + buffer.getStringWithoutLengthUtf8(offset, length)));
        return entries;
    }
}
