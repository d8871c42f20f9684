package io.wal.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.lmax.disruptor.EventFactory;
import com.sun.management.ThreadMXBean;
import io.wal.Completion;
import io.wal.Durability;
import io.wal.record.RecordChecksum;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AppendEventTest {
    private static final int SLOT_LENGTH = 128;

    private final AppendEvent event = new AppendEvent(SLOT_LENGTH);
    private final RecordChecksum checksum = new RecordChecksum();

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8, 103, 104, 105, 5000})
    void sealedEventIsAWholeRecord(final int length) {
        final int frameLength = RecordDescriptor.frameLength(length);
        final UnsafeBuffer overflow = frameLength > SLOT_LENGTH ? outside(frameLength + 24) : null;
        final ByteBuffer payload = LogHarness.payload(3, length);

        event.begin(77, RecordKind.CHECKPOINT, Durability.WRITTEN, length, overflow);
        event.payloadBuffer().putBytes(RecordDescriptor.HEADER_LENGTH, payload, 0, length);
        event.seal();

        assertThat(event.lsn()).isEqualTo(77);
        assertThat(event.kind()).isEqualTo(RecordKind.CHECKPOINT);
        assertThat(event.durability()).isEqualTo(Durability.WRITTEN);
        assertThat(event.payloadLength()).isEqualTo(length);
        assertThat(event.frameLength()).isEqualTo(frameLength);
        assertThat(event.isClose()).isFalse();
        assertIsRecord(77, RecordKind.CHECKPOINT, length);
        final byte[] stored = new byte[length];
        event.frame().getBytes(RecordDescriptor.HEADER_LENGTH, stored);
        assertThat(stored).isEqualTo(payload.array());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 50, 5000})
    void abortedEventIsAVoidRecordWithItsLsn(final int length) {
        final UnsafeBuffer overflow = length > 100 ? outside(8192) : null;
        event.begin(9, RecordKind.DATA, Durability.FORCED, length, overflow);
        event.onCompletion((lsn, failure) -> {}, Thread.currentThread());
        event.payloadBuffer().setMemory(RecordDescriptor.HEADER_LENGTH, length, (byte) 1);

        event.abort();

        assertThat(event.kind()).isEqualTo(RecordKind.VOID);
        assertThat(event.payloadLength()).isZero();
        assertThat(event.takeCompletion()).isNull();
        assertThat(event.waiter()).isNull();
        assertIsRecord(9, RecordKind.VOID, 0);
        assertThat(event.release()).as("the buffer goes back").isSameAs(overflow);
    }

    @Test
    void releaseLetsGoOfEverything() {
        final UnsafeBuffer overflow = outside(1024);
        event.begin(1, RecordKind.DATA, Durability.FORCED, 500, overflow);
        event.onCompletion((lsn, failure) -> {}, Thread.currentThread());
        event.seal();

        assertThat(event.release()).isSameAs(overflow);

        assertThat(event.takeCompletion()).isNull();
        assertThat(event.waiter()).isNull();
        assertThat(event.frame()).isNotSameAs(overflow);
        assertThat(event.frame().capacity()).isEqualTo(SLOT_LENGTH);
        assertThat(event.release()).as("nothing to give back twice").isNull();
    }

    @Test
    void completionIsHandedOutOnce() {
        final Completion completion = (lsn, failure) -> {};
        event.begin(1, RecordKind.DATA, Durability.FORCED, 0, null);
        event.onCompletion(completion, null);

        assertThat(event.takeCompletion()).isSameAs(completion);
        assertThat(event.takeCompletion()).isNull();
    }

    @Test
    void slotIsUsedAgainAfterTheEndWasPlayedIn() {
        event.beginClose();
        assertThat(event.isClose()).isTrue();

        event.begin(5, RecordKind.DATA, Durability.FORCED, 0, null);
        event.seal();

        assertThat(event.isClose()).isFalse();
        assertIsRecord(5, RecordKind.DATA, 0);
        assertThat(event)
                .hasToString("AppendEvent{lsn=5, kind=DATA, payloadLength=0, close=false}");
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 192, 16_448, 1 << 20})
    void slotsOfARingHoldTheirFramesApart(final int slotLength) {
        final int count = Math.max(3, (1 << 20) / slotLength - 1);
        final EventFactory<AppendEvent> factory = AppendEvent.factory(slotLength, count);
        final int length = slotLength - RecordDescriptor.HEADER_LENGTH - 3; // and padding
        final List<AppendEvent> slots = new ArrayList<>();
        final Set<byte[]> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < count; i++) {
            final AppendEvent slot = factory.newInstance();
            slot.begin(1 + i, RecordKind.DATA, Durability.FORCED, length, null);
            slot.payloadBuffer()
                    .putBytes(
                            RecordDescriptor.HEADER_LENGTH,
                            LogHarness.payload(i, length),
                            0,
                            length);
            slot.seal();
            slots.add(slot);
            arrays.add(slot.frame().byteArray());
        }

        for (int i = 0; i < count; i++) {
            final AppendEvent slot = slots.get(i);
            final byte[] stored = new byte[length];
            slot.frame().getBytes(RecordDescriptor.HEADER_LENGTH, stored);
            assertThat(stored).isEqualTo(LogHarness.payload(i, length).array());
            assertThat(slot.crc())
                    .isEqualTo(
                            checksum.compute(
                                    slot.frame().byteArray(),
                                    slot.frame().wrapAdjustment(),
                                    slot.frameLength()));
            assertThat(slot.frame().capacity()).isEqualTo(slotLength);
        }
        assertThat(arrays.stream().mapToInt(array -> array.length).sum())
                .as("no more memory than the slots take")
                .isEqualTo(count * slotLength);
    }

    /** Else an append could run out of memory between its claim and its end, and leave a hole. */
    @Test
    void sealingNeedsNoMemoryEvenBeforeItIsCompiled() {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 10; i++) { // the first time loads classes
            final long before = threads.getCurrentThreadAllocatedBytes();
            event.begin(1 + i, RecordKind.DATA, Durability.FORCED, 50, null);
            event.seal();
            event.abort();
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }

        assertThat(least).isZero();
    }

    private static UnsafeBuffer outside(final int length) {
        return new UnsafeBuffer(new byte[length]);
    }

    private void assertIsRecord(final long lsn, final RecordKind kind, final int length) {
        assertThat(RecordDescriptor.isPlausible(event.frame(), 0, event.frameLength())).isTrue();
        assertThat(RecordDescriptor.lsn(event.frame(), 0)).isEqualTo(lsn);
        assertThat(RecordDescriptor.kind(event.frame(), 0)).isEqualTo(kind);
        assertThat(RecordDescriptor.length(event.frame(), 0)).isEqualTo(24 + length);
        assertThat(event.crc())
                .isEqualTo(RecordDescriptor.crc(event.frame(), 0))
                .isEqualTo(
                        checksum.compute(
                                event.frame().byteArray(),
                                event.frame().wrapAdjustment(),
                                event.frameLength()));
    }
}
