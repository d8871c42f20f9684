package io.wal.jmh.journal;

import java.io.IOException;
import java.nio.file.Path;
import org.agrona.DirectBuffer;

/**
 * One producer with one payload outstanding, which writes and forces on its own thread: what the
 * medium takes for a single durable append, without any hand-over.
 */
final class CallerJournal implements JournalUnderTest, JournalUnderTest.Producer {
    private final Medium medium;
    private final boolean force;
    private long count;
    private volatile boolean trimRequested;

    CallerJournal(final Medium medium, final JournalSettings settings) {
        this.medium = medium;
        force = settings.isForced();
    }

    @Override
    public void open(final Path directory) throws Exception {
        medium.open(directory);
    }

    @Override
    public Producer producer() {
        return this;
    }

    @Override
    public void trim() {
        trimRequested = true;
    }

    @Override
    public long replay(final PayloadHandler handler) throws Exception {
        return medium.replay(handler);
    }

    @Override
    public long forceCount() {
        return force ? count : 0;
    }

    @Override
    public long append(final DirectBuffer buffer, final int offset, final int length) {
        try {
            medium.write(buffer, offset, length);
            medium.commit(force);
            if (trimRequested) {
                trimRequested = false;
                medium.trim();
            }
        } catch (final Exception e) {
            throw new IllegalStateException("the journal failed", e);
        }
        return ++count;
    }

    @Override
    public long acknowledged() {
        return count;
    }

    @Override
    public void appendAndAwait(final DirectBuffer buffer, final int offset, final int length) {
        append(buffer, offset, length);
    }

    @Override
    public void close() throws IOException {
        medium.close();
    }
}
