package io.wal.jmh.journal;

import io.wal.Checkpoint;
import io.wal.Durability;
import io.wal.WalContext;
import io.wal.WriteAheadLog;
import io.wal.jmh.journal.JournalDescriptor.Kind;
import io.wal.mmap.MmapLogStore;
import io.wal.mmap.MmapStoreContext;
import io.wal.mmap.WriteMode;
import io.wal.record.RecordDescriptor;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Our log, with its defaults save for the sizes that the load asks for. */
public final class WalJournal implements JournalUnderTest {
    private static final int SLOT_LENGTH_MAX = 1 << 20;

    private final JournalSettings settings;
    private final MmapStoreContext storeContext;
    private final UnsafeBuffer checkpointState = new UnsafeBuffer(new byte[64]);
    private MmapLogStore store;
    private WriteAheadLog log;

    /**
     * Creates a journal.
     *
     * @param mode how bytes reach the segments.
     * @param settings of the load.
     */
    public WalJournal(final WriteMode mode, final JournalSettings settings) {
        this.settings = settings;
        storeContext =
                new MmapStoreContext().writeMode(mode).zeroingLength(settings.zeroingLength());
    }

    static JournalDescriptor descriptor(final WriteMode mode) {
        return new JournalDescriptor(
                "wal-" + mode.name().toLowerCase(Locale.ROOT),
                Kind.OURS,
                mode == WriteMode.MAPPED ? Journals.FLOOR_MAPPED : Journals.FLOOR_DIRECT,
                mode == WriteMode.MAPPED ? "msync of the range" : "O_DIRECT|O_DSYNC write",
                List.of(),
                settings -> new WalJournal(mode, settings));
    }

    @Override
    public void open(final Path directory) {
        final int frameLength = RecordDescriptor.frameLength(settings.payloadLength());
        final WalContext context = new WalContext();
        store = new MmapLogStore(storeContext.directory(directory));
        log =
                WriteAheadLog.open(
                        context.store(store)
                                .ringCapacity(
                                        BitUtil.findNextPositivePowerOfTwo(
                                                Math.max(
                                                        context.ringCapacity(),
                                                        settings.ringSlots())))
                                .slotLength(Math.min(SLOT_LENGTH_MAX, frameLength))
                                .waitMode(settings.waitMode()));
    }

    @Override
    public Producer producer() {
        return new LogProducer();
    }

    /** A checkpoint, which lets the log use its segments again. */
    @Override
    public void trim() {
        try (Checkpoint checkpoint = log.startCheckpoint()) {
            checkpoint.append(checkpointState, 0, checkpointState.capacity());
            checkpoint.finalizeCheckpoint();
        }
    }

    @Override
    public long replay(final PayloadHandler handler) {
        final long[] count = {0};
        log.recover(
                (lsn, kind, buffer, offset, length) -> {
                    count[0]++;
                    handler.onPayload(buffer, offset, length);
                });
        return count[0];
    }

    @Override
    public long forceCount() {
        return store.forceCount();
    }

    @Override
    public void close() {
        log.close();
    }

    private final class LogProducer implements Producer {
        private final Durability durability = settings.durability();
        private final boolean forced = settings.isForced();

        @Override
        public long append(final DirectBuffer buffer, final int offset, final int length) {
            return log.append(buffer, offset, length, durability, null);
        }

        @Override
        public long acknowledged() {
            if (log.failure() != null) {
                throw log.failure();
            }
            return forced ? log.durableLsn() : log.writtenLsn();
        }

        @Override
        public void appendAndAwait(final DirectBuffer buffer, final int offset, final int length) {
            log.appendAndAwait(buffer, offset, length, durability);
        }
    }
}
