package io.wal.mmap.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.UnsupportedFormatException;
import io.wal.mmap.MmapLogInspector;
import io.wal.mmap.MmapLogStore;
import io.wal.mmap.MmapStoreContext;
import io.wal.mmap.sim.DamageCheck.Expected;
import io.wal.record.RecordChecksum;
import io.wal.store.StoreLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Segments of other versions, with another magic number, and in the other byte order. */
class FormatDamageTest {
    private static final int VERSION_OFFSET = 8;
    private static final int CHECKED_LENGTH = 72;

    static List<LogImage> images() {
        return LogImages.all();
    }

    @ParameterizedTest
    @MethodSource("images")
    void newerVersionIsNamedAndNothingIsTouched(final LogImage image) throws IOException {
        for (final SegmentImage segment : image.begunSegments()) {
            final ByteBuffer changed = header(segment);
            changed.putInt(VERSION_OFFSET, 2);
            sign(changed);
            final SimulatedDisk disk = image.newDisk();
            disk.put(segment.path(), changed.array());
            final Map<Path, byte[]> before = disk.files();

            try (MmapLogInspector inspector =
                    new MmapLogInspector(disk, CrashSimulation.DIRECTORY)) {
                assertUnsupported(() -> inspector.verify(bytes -> {}));
                assertUnsupported(
                        () -> inspector.visit(1, Long.MAX_VALUE, (s, at, lsn, k, b, o, l) -> {}));
            }
            assertUnsupported(() -> RepairCheck.repair(disk).plan(true));
            assertSame(before, disk);
            assertUnsupported(() -> RepairCheck.repair(disk).apply(true));
            assertUnsupported(() -> open(disk));
            assertSame(before, disk);
        }
    }

    @ParameterizedTest
    @MethodSource("images")
    void otherMagicIsDamage(final LogImage image) throws IOException {
        for (final SegmentImage segment : image.begunSegments()) {
            final ByteBuffer changed = header(segment);
            changed.putLong(0, 0x0A6D_6765_736C_6178L);
            sign(changed);
            check(image, segment, changed.array(), "another magic number");
        }
    }

    @ParameterizedTest
    @MethodSource("images")
    void otherByteOrderIsDamage(final LogImage image) throws IOException {
        for (final SegmentImage segment : image.begunSegments()) {
            final ByteBuffer changed = header(segment);
            for (int at = 0; at < CHECKED_LENGTH; at += Long.BYTES) {
                if (at == VERSION_OFFSET) {
                    changed.putInt(at, Integer.reverseBytes(changed.getInt(at)));
                } else {
                    changed.putLong(at, Long.reverseBytes(changed.getLong(at)));
                }
            }
            final int crc = new RecordChecksum().of(changed, 0, CHECKED_LENGTH);
            changed.clear();
            changed.putInt(CHECKED_LENGTH, Integer.reverseBytes(crc));
            check(image, segment, changed.array(), "the other byte order");
        }
    }

    private static void check(
            final LogImage image,
            final SegmentImage segment,
            final byte[] changed,
            final String what)
            throws IOException {
        final DamageCheck check = new DamageCheck(image);
        final Expected expected =
                check.expectedAfterChange(segment.path(), segment.content(), changed);
        check.check(
                disk -> disk.put(segment.path(), changed), expected, segment.path() + ", " + what);
    }

    private static ByteBuffer header(final SegmentImage segment) {
        return ByteBuffer.wrap(segment.content().clone()).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void sign(final ByteBuffer content) {
        final int crc = new RecordChecksum().of(content, 0, CHECKED_LENGTH);
        content.clear();
        content.putInt(CHECKED_LENGTH, crc);
    }

    private static void assertUnsupported(final ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(UnsupportedFormatException.class);
    }

    private static void assertSame(final Map<Path, byte[]> before, final SimulatedDisk disk) {
        before.forEach(
                (path, content) -> {
                    if (!path.endsWith("owner")) {
                        assertThat(disk.files().get(path)).as(path.toString()).isEqualTo(content);
                    }
                });
    }

    private static void open(final SimulatedDisk disk) {
        final MmapLogStore store =
                new MmapLogStore(
                        new MmapStoreContext()
                                .directory(CrashSimulation.DIRECTORY)
                                .disk(disk)
                                .backgroundThread(false));
        store.open(new LogOracle(), StoreLimits.DEFAULT);
    }
}
