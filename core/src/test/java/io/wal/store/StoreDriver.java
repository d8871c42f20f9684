package io.wal.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.Durability;
import io.wal.RecoveredLog;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import io.wal.store.LogHarness.Entry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.UnsafeBuffer;

/** Plays the log for a store, event by event, on one thread. */
public final class StoreDriver {
    private final LogStore store;
    private final RecordingProgress progress = new RecordingProgress();
    private final RecoveredLog recovered;
    private long sequence;
    private long lastLsn;

    /** Opens the store. */
    public StoreDriver(final LogStore store) {
        this(store, StoreLimits.DEFAULT);
    }

    /** Opens the store. */
    public StoreDriver(final LogStore store, final StoreLimits limits) {
        this.store = store;
        recovered = store.open(progress, limits);
        lastLsn = recovered.lastLsn();
        progress.start(lastLsn);
    }

    /** What opening found. */
    public RecoveredLog recovered() {
        return recovered;
    }

    /** What the store reported. */
    public RecordingProgress progress() {
        return progress;
    }

    /** The last LSN given to the store. */
    public long lastLsn() {
        return lastLsn;
    }

    /** What replay delivers. */
    List<Entry> replay() {
        final List<Entry> entries = new ArrayList<>();
        store.replay(
                (lsn, kind, buffer, offset, length) ->
                        entries.add(LogHarness.entry(lsn, kind, buffer, offset, length)));
        return entries;
    }

    /** Gives the store its next entry. */
    public AppendEvent send(
            final RecordKind kind,
            final Durability durability,
            final ByteBuffer payload,
            final boolean endOfBatch) {
        final AppendEvent event = event(lastLsn + 1, kind, durability, payload);
        if (kind != RecordKind.VOID && durability == Durability.FORCED) {
            progress.expectForced(event.lsn());
        }
        lastLsn = event.lsn();
        send(event, endOfBatch);
        return event;
    }

    /** Gives the store an event. */
    public void send(final AppendEvent event, final boolean endOfBatch) {
        try {
            store.onEvent(event, sequence++, endOfBatch);
        } catch (final Exception e) {
            throw new AssertionError("a store must not throw from onEvent", e);
        }
    }

    /** Sends the last event of the log. */
    public void sendClose() {
        final AppendEvent event = new AppendEvent(64);
        event.beginClose();
        send(event, true);
    }

    /** Calls the store as its thread would, when it asked for that or its time has come. */
    public void idle() {
        final long deadlineNs = store.deadlineNs();
        if (progress.takeWake()
                || deadlineNs != Long.MAX_VALUE && deadlineNs - System.nanoTime() <= 0) {
            timeout();
        }
    }

    /** Calls the store as its thread would when it was woken. */
    public void timeout() {
        try {
            store.onTimeout(sequence);
        } catch (final Exception e) {
            throw new AssertionError("a store must not throw from onTimeout", e);
        }
    }

    /** Lets time pass until a condition holds. */
    public void await(final String what, final BooleanSupplier condition) {
        Eventually.isTrue(
                () -> what + "; the store failed: " + progress.failure(),
                () -> {
                    idle();
                    return condition.getAsBoolean();
                });
        assertThat(progress.complaints()).isEmpty();
    }

    /** A framed entry, as a producer makes it. */
    public static AppendEvent event(
            final long lsn,
            final RecordKind kind,
            final Durability durability,
            final ByteBuffer payload) {
        final int length = payload.remaining();
        final int frameLength = RecordDescriptor.frameLength(length);
        final AppendEvent event = new AppendEvent(LogHarness.SLOT_LENGTH);
        event.begin(
                lsn,
                kind == RecordKind.VOID ? RecordKind.DATA : kind,
                durability,
                length,
                frameLength > LogHarness.SLOT_LENGTH
                        ? new UnsafeBuffer(new byte[frameLength + 40])
                        : null);
        event.payloadBuffer().putBytes(RecordDescriptor.HEADER_LENGTH, payload, 0, length);
        if (kind == RecordKind.VOID) {
            event.abort();
        } else {
            event.seal();
        }
        return event;
    }
}
