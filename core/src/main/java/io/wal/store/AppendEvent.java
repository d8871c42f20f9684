package io.wal.store;

import com.lmax.disruptor.EventFactory;
import io.wal.Completion;
import io.wal.Durability;
import io.wal.record.RecordChecksum;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A slot of the ring: one entry on its way to the store, framed as a record by its producer.
 *
 * <p>The slot has one owner at a time. The producer owns it from claim to publish, the store until
 * it has reported the entry, the completion stage afterwards. Framing here, checksum included,
 * spreads that work over the producers; the store only copies the frame and applies the seed of the
 * place.
 *
 * <p>A ring has thousands of slots, and each lap goes through all of them: what a slot takes of the
 * processors' caches counts for more than what is done with it. So what can be derived is not kept,
 * and the frames of slots lie one behind the other.
 */
public final class AppendEvent {
    private final RecordChecksum checksum = new RecordChecksum();
    private final UnsafeBuffer slot;

    private long lsn;
    private RecordKind kind;
    private Durability durability;
    private int payloadLength;
    private UnsafeBuffer frame;
    private Completion completion;
    private Thread waiter;
    private long sampleTimeNs;
    private int sampleWeight;

    /**
     * Creates a slot with a buffer of its own.
     *
     * @param slotLength bytes kept in the slot itself, header included; a longer frame takes a
     *     buffer from outside.
     */
    public AppendEvent(final int slotLength) {
        this(new UnsafeBuffer(new byte[slotLength]));
    }

    private AppendEvent(final UnsafeBuffer slot) {
        this.slot = slot;
        frame = slot;
    }

    /**
     * Makes the slots of a ring, whose bytes lie one behind the other.
     *
     * @param slotLength bytes of each, header included.
     * @param count of the slots.
     * @return the factory, for one ring and one thread.
     */
    public static EventFactory<AppendEvent> factory(final int slotLength, final int count) {
        return new Factory(slotLength, count);
    }

    /**
     * Producer: begins an entry.
     *
     * @param entryLsn of the entry.
     * @param entryKind {@link RecordKind#DATA} or {@link RecordKind#CHECKPOINT}.
     * @param entryDurability that its acknowledgement promises.
     * @param length of the payload in bytes.
     * @param overflow holds the frame when it does not fit the slot, and wraps an array; else null.
     */
    public void begin(
            final long entryLsn,
            final RecordKind entryKind,
            final Durability entryDurability,
            final int length,
            final UnsafeBuffer overflow) {
        lsn = entryLsn;
        if (kind != entryKind) { // storing a reference costs far more than looking at it
            kind = entryKind;
        }
        if (durability != entryDurability) {
            durability = entryDurability;
        }
        payloadLength = length;
        sampleWeight = 0;
        final UnsafeBuffer entryFrame = overflow == null ? slot : overflow;
        if (frame != entryFrame) {
            frame = entryFrame;
        }
    }

    /**
     * Producer: where the payload is written, from {@link RecordDescriptor#HEADER_LENGTH} on.
     *
     * @return the buffer of the frame.
     */
    public MutableDirectBuffer payloadBuffer() {
        return frame;
    }

    /** Producer: frames the record around the payload that is now in place. */
    public void seal() {
        RecordDescriptor.putHeader(frame, 0, lsn, kind, payloadLength);
        final int crc = checksum.compute(frame.byteArray(), frame.wrapAdjustment(), frameLength());
        RecordDescriptor.putCrc(frame, 0, crc);
    }

    /** Producer: gives the entry up; its LSN is used up by a {@link RecordKind#VOID} record. */
    public void abort() {
        kind = RecordKind.VOID;
        payloadLength = 0;
        durability = Durability.WRITTEN;
        completion = null;
        waiter = null;
        sampleWeight = 0;
        seal();
    }

    /** Producer: makes this the last event of the log. */
    public void beginClose() {
        begin(RecordDescriptor.NULL_LSN, RecordKind.VOID, Durability.FORCED, 0, null);
    }

    /**
     * Producer: who is told when the entry is acknowledged.
     *
     * @param callback called on the completion thread; null for none.
     * @param thread unparked when the entry is acknowledged or has failed; null for none.
     */
    public void onCompletion(final Completion callback, final Thread thread) {
        if (completion != callback) {
            completion = callback;
        }
        if (waiter != thread) {
            waiter = thread;
        }
    }

    /**
     * Producer: the entry is one of those whose times are measured.
     *
     * @param timeNs when the slot was claimed, by {@code System.nanoTime()}.
     * @param weight how many entries it stands for, from 1.
     */
    public void sample(final long timeNs, final int weight) {
        sampleTimeNs = timeNs;
        sampleWeight = weight;
    }

    /**
     * Completion stage: the callback of the producer, handed out once.
     *
     * @return the callback, or null.
     */
    public Completion takeCompletion() {
        final Completion taken = completion;
        if (taken != null) {
            completion = null;
        }
        return taken;
    }

    /**
     * Completion stage: the thread that waits for this entry.
     *
     * @return the thread, or null.
     */
    public Thread waiter() {
        return waiter;
    }

    /**
     * Last stage: lets go of everything the producer brought along.
     *
     * @return the buffer that held the frame, to be given back to where it came from; null when
     *     that was in the slot.
     */
    public UnsafeBuffer release() {
        UnsafeBuffer overflow = null;
        if (frame != slot) {
            overflow = frame;
            frame = slot;
        }
        onCompletion(null, null);
        return overflow;
    }

    /**
     * The LSN of the entry.
     *
     * @return the LSN, from 1.
     */
    public long lsn() {
        return lsn;
    }

    /**
     * The kind of the record.
     *
     * @return DATA, CHECKPOINT or VOID.
     */
    public RecordKind kind() {
        return kind;
    }

    /**
     * What the acknowledgement of this entry promises.
     *
     * @return the durability.
     */
    public Durability durability() {
        return durability;
    }

    /**
     * Whether this is not an entry but the end of the log: force everything, then leave the proof
     * of a clean end.
     *
     * @return true for the last event of the log, and for a slot that was never begun, which is
     *     never published.
     */
    public boolean isClose() {
        return lsn == RecordDescriptor.NULL_LSN;
    }

    /**
     * When the slot of a sampled entry was claimed.
     *
     * @return by {@code System.nanoTime()}; means nothing when the weight is 0.
     */
    public long sampleTimeNs() {
        return sampleTimeNs;
    }

    /**
     * How many entries a sampled one stands for.
     *
     * @return the weight; 0 when the entry is not sampled.
     */
    public int sampleWeight() {
        return sampleWeight;
    }

    /**
     * The frame: header, payload and padding, with the unseeded checksum.
     *
     * @return the buffer; the frame begins at 0.
     */
    public DirectBuffer frame() {
        return frame;
    }

    /**
     * The length of the frame.
     *
     * @return bytes, a multiple of {@link RecordDescriptor#ALIGNMENT}.
     */
    public int frameLength() {
        return RecordDescriptor.frameLength(payloadLength);
    }

    /**
     * The length of the payload.
     *
     * @return bytes, 0 or more.
     */
    public int payloadLength() {
        return payloadLength;
    }

    /**
     * The unseeded checksum of the frame.
     *
     * @return what the stored checksum is, XOR the seed of the place.
     */
    public int crc() {
        return RecordDescriptor.crc(frame, 0);
    }

    @Override
    public String toString() {
        return "AppendEvent{lsn="
                + lsn
                + ", kind="
                + kind
                + ", payloadLength="
                + payloadLength
                + ", close="
                + isClose()
                + '}';
    }

    private static final class Factory implements EventFactory<AppendEvent> {
        /** Not so long that the collector would treat a chunk as huge, where slots are not. */
        private static final int CHUNK_LENGTH = 128 << 10;

        private final int slotLength;
        private final int count;
        private final int slotsOfChunk;
        private int made;
        private byte[] chunk;

        Factory(final int slotLength, final int count) {
            this.slotLength = slotLength;
            this.count = count;
            slotsOfChunk = Math.max(1, CHUNK_LENGTH / slotLength);
        }

        @Override
        public AppendEvent newInstance() {
            final int index = made % slotsOfChunk;
            if (index == 0) {
                chunk = new byte[Math.min(slotsOfChunk, count - made) * slotLength];
            }
            made++;
            return new AppendEvent(new UnsafeBuffer(chunk, index * slotLength, slotLength));
        }
    }
}
