package io.wal.mmap;

import io.wal.AppendClaim;
import io.wal.Checkpoint;
import io.wal.Durability;
import io.wal.WriteAheadLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Makes the golden log of a format version: run {@link #main} once for a new version, and never
 * again for an old one, whose files every later library must read.
 *
 * <p>It holds records of all kinds, in segments of two openings, begins with a checkpoint in the
 * middle, has spare segments, and ends with a batch whose last entry is torn.
 */
final class GoldenLog {
    static final int SEGMENT_LENGTH = 8 << 10;

    private GoldenLog() {}

    /** Writes the log into the directory that is the only argument, and what it holds beside it. */
    public static void main(final String[] arguments) throws IOException {
        final Path directory = Path.of(arguments[0]);
        final LogFixture fixture =
                new LogFixture(directory)
                        .segmentLength(SEGMENT_LENGTH)
                        .store(context -> context.backgroundThread(false));
        final List<String> expected = new ArrayList<>();
        try (WriteAheadLog log = fixture.open()) {
            LogFixture.appendRange(log, 1, 150);
            log.flush();
            final Checkpoint checkpoint = log.startCheckpoint();
            expected.add(append(checkpoint, "state one"));
            expected.add(append(log, "meanwhile", Durability.FORCED));
            expected.add(append(checkpoint, "state two"));
            checkpoint.finalizeCheckpoint();
            expected.add(append(log, "", Durability.FORCED));
            abort(log);
            expected.add(append(log, "written only: äöü", Durability.WRITTEN));
            log.flush();
        }
        try (WriteAheadLog log = fixture.open()) {
            LogFixture.recover(log);
            try (Checkpoint unfinished = log.startCheckpoint()) {
                append(unfinished, "never finalized");
            }
            expected.add(append(log, "x".repeat(3000), Durability.FORCED));
            log.flush();
            expected.add(append(log, "y".repeat(3000), Durability.FORCED));
            log.flush();
            append(log, "torn: never acknowledged", Durability.FORCED);
            log.flush();
            copyWithTornTail(directory, Path.of(arguments[0] + "-copy"));
        }
        Files.write(directory.resolveSibling("expected.txt"), expected);
    }

    private static String append(
            final WriteAheadLog log, final String text, final Durability durability) {
        return LogFixture.append(log, text, durability) + " DATA " + text;
    }

    private static String append(final Checkpoint checkpoint, final String text) {
        final byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        final long lsn = checkpoint.append(new UnsafeBuffer(bytes), 0, bytes.length);
        return lsn + " CHECKPOINT " + text;
    }

    private static void abort(final WriteAheadLog log) {
        final AppendClaim claim = new AppendClaim();
        log.tryClaim(8, Durability.FORCED, null, claim);
        claim.abort();
    }

    /** The files of a process that died while it wrote the last entry, without its owner's name. */
    private static void copyWithTornTail(final Path from, final Path to) throws IOException {
        Files.createDirectories(to);
        for (final String name : Disk.REAL.list(from)) {
            final byte[] bytes = Files.readAllBytes(from.resolve(name));
            final int torn =
                    new String(bytes, StandardCharsets.ISO_8859_1).indexOf("torn: never ack");
            if (torn > 0) {
                bytes[torn]++;
            }
            if (!name.equals(LogDirectory.OWNER)) {
                Files.write(to.resolve(name), bytes);
            }
        }
    }
}
