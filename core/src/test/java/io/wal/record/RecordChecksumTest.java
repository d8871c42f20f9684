package io.wal.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.store.Seeds;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class RecordChecksumTest {
    private final RecordChecksum checksum = new RecordChecksum();

    @Test
    void plainChecksumIsTheStandardOne() {
        final ByteBuffer buffer = ByteBuffer.allocateDirect(64);
        buffer.put(10, "123456789".getBytes(StandardCharsets.US_ASCII));

        assertThat(checksum.of(buffer, 10, 9)).isEqualTo(0xE3069283);
    }

    @Test
    void arrayAndBufferGiveTheSame() {
        final SplittableRandom random = new SplittableRandom(1);
        for (int frameLength = 24; frameLength < 2000; frameLength += 8) {
            final byte[] array = new byte[frameLength + 16];
            random.nextBytes(array);
            final ByteBuffer direct = ByteBuffer.allocateDirect(array.length).put(array);

            assertThat(checksum.compute(direct, 8, frameLength))
                    .isEqualTo(checksum.compute(array, 8, frameLength));
        }
    }

    @Test
    void everythingButTheChecksumItselfIsCovered() {
        final byte[] frame = frame(17, "some payload of a record");
        final int sound = checksum.compute(frame, 0, frame.length);

        for (int bit = 0; bit < frame.length * 8; bit++) {
            frame[bit / 8] ^= (byte) (1 << bit % 8);
            if (bit < RecordDescriptor.CHECKED_OFFSET * 8) {
                assertThat(checksum.compute(frame, 0, frame.length)).isEqualTo(sound);
            } else {
                assertThat(checksum.compute(frame, 0, frame.length)).isNotEqualTo(sound);
            }
            frame[bit / 8] ^= (byte) (1 << bit % 8);
        }
    }

    @Test
    void recordOfAnotherPlaceNeverPasses() {
        final long seed = Seeds.next();
        final SplittableRandom random = new SplittableRandom(seed);

        for (int i = 0; i < 2000; i++) {
            final byte[] frame = new byte[24 + random.nextInt(50) * 8];
            random.nextBytes(frame);
            final int here = checksum.seedOf(random.nextLong(), i, i % 7);
            final int there = checksum.seedOf(random.nextLong(), i, i % 7);
            final int stored = checksum.compute(frame, 0, frame.length) ^ there;

            final boolean passes = stored == (checksum.compute(frame, 0, frame.length) ^ here);
            assertThat(passes).as(Seeds.describe(seed)).isEqualTo(here == there);
        }
    }

    @Test
    void seedAppliedByXorIsAsStrongAsOneFedInFirst() {
        // Feeding a seed of eight bytes in first changes the checksum of every frame of one length
        // by the same mask, and different seeds by different masks: that is what XOR does as well.
        final SplittableRandom random = new SplittableRandom(2);
        final Set<Integer> masks = new HashSet<>();
        for (long seed = 0; seed < 1000; seed++) {
            Integer mask = null;
            for (int i = 0; i < 3; i++) {
                final byte[] frame = new byte[64];
                random.nextBytes(frame);
                final int fedIn = fedIn(seed, frame) ^ fedIn(0, frame);
                assertThat(mask == null || mask == fedIn).isTrue();
                mask = fedIn;
            }
            masks.add(mask);
        }
        assertThat(masks).hasSize(1000);
    }

    private static int fedIn(final long seed, final byte[] frame) {
        final CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(8).putLong(0, seed));
        crc.update(frame, 4, frame.length - 4);
        return (int) crc.getValue();
    }

    @Test
    void neighbouringPlacesHaveDifferentSeeds() {
        final long logId = 0x5DEECE66DL;
        final Set<Integer> seeds = new HashSet<>();

        for (long generation = 1; generation <= 300; generation++) {
            for (long index = 0; index < 100; index++) {
                seeds.add(checksum.seedOf(logId, generation, index));
            }
        }

        assertThat(seeds).as("30,000 seeds of 32 bits").hasSizeGreaterThan(29_980);
        final Set<Integer> ofOneSegment = new HashSet<>();
        for (long generation = 1; generation <= 100_000; generation++) {
            ofOneSegment.add(checksum.seedOf(logId, generation, 7));
        }
        assertThat(ofOneSegment).as("one bit error burst apart: never the same").hasSize(100_000);
    }

    @Test
    void seedIsPinned() {
        final ByteBuffer numbers = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        numbers.putLong(0x0102030405060708L).putLong(-3).putLong(9);

        assertThat(checksum.seedOf(0x0102030405060708L, -3, 9))
                .as("the checksum of the three numbers, little-endian")
                .isEqualTo(checksum.of(numbers, 0, 24));
    }

    @Test
    void chainDependsOnEveryRecordAndOnTheirOrder() {
        final long ab = chain(11, 22);

        assertThat(chain(22, 11)).isNotEqualTo(ab);
        assertThat(chain(11)).isNotEqualTo(ab);
        assertThat(chain(11, 22, 0)).isNotEqualTo(ab);
        assertThat(chain(0, 11, 22)).isNotEqualTo(ab);
        assertThat(chain(11, 22)).isEqualTo(ab);
        assertThat(chain(0)).isNotEqualTo(chain());
        assertThat(chain(0, 0)).isNotEqualTo(chain(0));
        assertThat(chain(-1)).as("the checksum is taken as unsigned").isNotEqualTo(chain(1));
    }

    @Test
    void chainIsPinned() {
        assertThat(chain(1, -1, 0x12345678)).isEqualTo(0x89b2526b3eafc85fL);
    }

    @Test
    void chainsOfPermutationsDiffer() {
        final SplittableRandom random = new SplittableRandom(3);
        final Set<Long> chains = new HashSet<>();
        final int[] crcs = random.ints(6).toArray();
        permute(crcs, 0, chains);
        assertThat(chains).hasSize(720);
    }

    private static void permute(final int[] crcs, final int from, final Set<Long> chains) {
        if (from == crcs.length) {
            chains.add(chain(crcs));
        }
        for (int i = from; i < crcs.length; i++) {
            swap(crcs, from, i);
            permute(crcs, from + 1, chains);
            swap(crcs, from, i);
        }
    }

    private static void swap(final int[] array, final int one, final int other) {
        final int moved = array[one];
        array[one] = array[other];
        array[other] = moved;
    }

    private static long chain(final int... crcs) {
        long running = 0;
        for (final int crc : crcs) {
            running = RecordChecksum.chain(running, crc);
        }
        return running;
    }

    private static byte[] frame(final long lsn, final String payload) {
        final byte[] bytes = payload.getBytes(StandardCharsets.US_ASCII);
        final UnsafeBuffer frame =
                new UnsafeBuffer(new byte[RecordDescriptor.frameLength(bytes.length)]);
        frame.putBytes(RecordDescriptor.HEADER_LENGTH, bytes);
        RecordDescriptor.putHeader(frame, 0, lsn, RecordKind.DATA, bytes.length);
        return frame.byteArray();
    }
}
