package io.wal.jmh.peers;

import io.wal.jmh.journal.JournalUnderTest;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import journal.io.api.Journal;
import journal.io.api.Location;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A Journal.IO with physical sync and checksums. Deleting is by record, in a second pass over the
 * files, so nothing is deleted while it is measured.
 */
final class JournalIoFiles {
    private static final int FILE_LENGTH = 64 << 20;
    private static final int BATCH_LENGTH = 8 << 20;

    private final Journal journal = new Journal();

    void open(final Path directory) throws IOException {
        final File home = directory.toFile();
        journal.setDirectory(home);
        journal.setMaxFileLength(FILE_LENGTH);
        journal.setMaxWriteBatchSize(BATCH_LENGTH);
        journal.setPhysicalSync(true);
        journal.setChecksum(true);
        journal.open();
    }

    Journal journal() {
        return journal;
    }

    long replay(final JournalUnderTest.PayloadHandler handler) throws IOException {
        final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
        long count = 0;
        for (final Location location : journal.redo()) {
            final byte[] bytes = journal.read(location, Journal.ReadType.ASYNC);
            buffer.wrap(bytes);
            handler.onPayload(buffer, 0, bytes.length);
            count++;
        }
        return count;
    }
}
