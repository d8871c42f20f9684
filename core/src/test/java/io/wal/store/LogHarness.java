package io.wal.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.Durability;
import io.wal.EntryKind;
import io.wal.LogReader;
import io.wal.WalContext;
import io.wal.WalException;
import io.wal.WriteAheadLog;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One log over the medium of a contract test, opened and ended again and again. One thread, save
 * the static methods.
 */
public final class LogHarness implements AutoCloseable {
    /** Slots of the ring in contract tests. */
    static final int SLOT_LENGTH = 256;

    private final LogStoreContract contract;
    private WriteAheadLog log;
    private LogStore store;
    private List<Entry> recovered = List.of();

    LogHarness(final LogStoreContract contract) {
        this.contract = contract;
    }

    /** An entry as it was appended, recovered or read. */
    record Entry(long lsn, EntryKind kind, ByteBuffer payload) {
        @Override
        public String toString() {
            return lsn + " " + kind + " " + payload.remaining() + "B#" + payload.hashCode();
        }
    }

    LogStoreContract contract() {
        return contract;
    }

    /** Opens the log and recovers it. */
    WriteAheadLog open() {
        return open(context -> context);
    }

    WriteAheadLog open(final UnaryOperator<WalContext> settings) {
        openOnly(settings);
        recover();
        return log;
    }

    /** Opens the log without recovering it. */
    WriteAheadLog openOnly(final UnaryOperator<WalContext> settings) {
        assertThat(log).as("the log before must be ended first").isNull();
        store = contract.newStore();
        log = WriteAheadLog.open(settings.apply(contract.settings().store(store)));
        return log;
    }

    WriteAheadLog log() {
        return log;
    }

    /** What recovery delivered when the log was opened last. */
    List<Entry> recovered() {
        return recovered;
    }

    /** Recovers the open log. */
    List<Entry> recover() {
        final List<Entry> entries = new ArrayList<>();
        log.recover(
                (lsn, kind, buffer, offset, length) ->
                        entries.add(entry(lsn, kind, buffer, offset, length)));
        recovered = entries;
        return entries;
    }

    void closeLog() {
        final WriteAheadLog closing = log;
        log = null;
        closing.close();
    }

    void removeLog() {
        final WriteAheadLog removing = log;
        log = null;
        removing.remove();
    }

    /** Forgets the log, which was or is being closed otherwise. */
    void forgetLog() {
        log = null;
    }

    /** The process dies while nothing is being appended. */
    void crash() {
        final WriteAheadLog dying = log;
        log = null;
        if (dying.lastLsn() > 0 && dying.failure() == null) {
            Eventually.isTrue("all is written", () -> dying.writtenLsn() >= dying.lastLsn());
        }
        contract.crash(store);
        try {
            dying.close();
        } catch (final WalException expected) {
            // it has lost its medium
        }
    }

    WriteAheadLog reopen() {
        closeLog();
        return open();
    }

    WriteAheadLog crashAndReopen() {
        crash();
        return open();
    }

    /** Everything that a reader delivers from an LSN up to another one. */
    List<Entry> read(final long fromLsn, final long toLsn) {
        final List<Entry> entries = new ArrayList<>();
        try (LogReader reader = log.reader(fromLsn)) {
            Eventually.isTrue(
                    () -> "reader at " + reader.nextLsn() + " reaches " + toLsn,
                    () -> {
                        reader.poll(
                                (lsn, kind, buffer, offset, length) ->
                                        entries.add(entry(lsn, kind, buffer, offset, length)),
                                7);
                        return reader.nextLsn() > toLsn;
                    });
        }
        return entries;
    }

    /** Appends a data entry with the payload that belongs to the LSN it will have; one thread. */
    Entry append(final int length) {
        return append(length, Durability.FORCED);
    }

    Entry append(final int length, final Durability durability) {
        final Entry entry = next(EntryKind.DATA, length);
        assertThat(log.append(wrap(entry), 0, length, durability, null)).isEqualTo(entry.lsn());
        return entry;
    }

    List<Entry> appendMany(final int count) {
        final List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(append(i % 300));
        }
        return entries;
    }

    /** The entry that comes next when nobody else appends. */
    Entry next(final EntryKind kind, final int length) {
        final long lsn = log.lastLsn() + 1;
        return new Entry(lsn, kind, payload(lsn, length));
    }

    static UnsafeBuffer wrap(final Entry entry) {
        return new UnsafeBuffer(entry.payload());
    }

    static Entry entry(
            final long lsn,
            final EntryKind kind,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        final byte[] payload = new byte[length];
        buffer.getBytes(offset, payload);
        return new Entry(lsn, kind, ByteBuffer.wrap(payload));
    }

    /** Bytes that depend on a number and the length; nearly all of them differ. */
    static ByteBuffer payload(final long seed, final int length) {
        final byte[] payload = new byte[length];
        new SplittableRandom(seed * 31 + length).nextBytes(payload);
        return ByteBuffer.wrap(payload);
    }

    static UnsafeBuffer payloadBuffer(final long seed, final int length) {
        return new UnsafeBuffer(payload(seed, length));
    }

    @Override
    public void close() {
        if (log != null) {
            closeLog();
        }
    }
}
