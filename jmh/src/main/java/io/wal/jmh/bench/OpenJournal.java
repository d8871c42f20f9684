package io.wal.jmh.bench;

import io.wal.jmh.journal.JournalSettings;
import io.wal.jmh.journal.JournalUnderTest;
import io.wal.jmh.journal.Journals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A journal in a directory of its own, which is gone when it is closed. Directories are made below
 * the property {@code wal.jmh.directory}, by default below the current one: not in {@code /tmp},
 * which is often no disk.
 */
final class OpenJournal {
    private static final long TRIM_LENGTH = 256L << 20;

    private final String name;
    private final JournalSettings settings;
    private final Path directory;
    private final long trimEvery;
    private JournalUnderTest journal;

    private OpenJournal(final String name, final JournalSettings settings) throws IOException {
        this.name = name;
        this.settings = settings;
        final Path home = Path.of(System.getProperty("wal.jmh.directory", "."));
        directory = Files.createTempDirectory(Files.createDirectories(home), "wal-jmh-");
        trimEvery = TRIM_LENGTH / settings.payloadLength();
    }

    static OpenJournal open(final String name, final JournalSettings settings) throws Exception {
        final OpenJournal open = new OpenJournal(name, settings);
        open.reopen();
        return open;
    }

    void reopen() throws Exception {
        journal = Journals.named(name).create(settings);
        journal.open(directory);
    }

    JournalUnderTest journal() {
        return journal;
    }

    /** Lets go of old entries now and then, so that segments are used again. */
    void trimAfter(final long count) throws Exception {
        if (count % trimEvery == 0) {
            journal.trim();
        }
    }

    void fill(final long count) {
        final Window window =
                new Window(journal.producer(), 0, settings.payloadLength(), settings.outstanding());
        for (long i = 0; i < count; i++) {
            window.append();
        }
        window.awaitAll();
    }

    void close() throws IOException {
        journal.close();
    }

    void delete() throws IOException {
        final List<Path> paths;
        try (Stream<Path> all = Files.walk(directory)) {
            paths = all.sorted(Comparator.reverseOrder()).toList();
        }
        for (final Path path : paths) {
            Files.deleteIfExists(path);
        }
    }
}
