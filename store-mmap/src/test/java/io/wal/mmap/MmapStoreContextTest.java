package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MmapStoreContextTest {
    private static final Path DIRECTORY = Path.of("never-touched");

    @Test
    void documentedDefaults() {
        final MmapStoreContext context = new MmapStoreContext();

        assertThat(context.directory()).isNull();
        assertThat(context.segmentLength()).isEqualTo(64 << 20);
        assertThat(context.zeroingLength()).isEqualTo(16 << 10);
        assertThat(context.touchAheadLength()).isZero();
        assertThat(context.maxSpareSegments()).isEqualTo(8);
        assertThat(context.createIfMissing()).isTrue();
        assertThat(context.backgroundThread()).isTrue();
        assertThat(context.disk()).isSameAs(Disk.REAL);
    }

    @Test
    void settersKeepWhatTheyAreGiven() {
        final HookedDisk disk = new HookedDisk();
        final MmapStoreContext context =
                context()
                        .segmentLength(8 << 10)
                        .zeroingLength(4 << 10)
                        .touchAheadLength(0)
                        .maxSpareSegments(0)
                        .createIfMissing(false)
                        .backgroundThread(false)
                        .disk(disk);

        context.conclude();

        assertThat(context.directory()).isEqualTo(DIRECTORY);
        assertThat(context.segmentLength()).isEqualTo(8 << 10);
        assertThat(context.zeroingLength()).isEqualTo(4 << 10);
        assertThat(context.touchAheadLength()).isZero();
        assertThat(context.maxSpareSegments()).isZero();
        assertThat(context.createIfMissing()).isFalse();
        assertThat(context.backgroundThread()).isFalse();
        assertThat(context.disk()).isSameAs(disk);
    }

    @Test
    void directoryHasNoDefault() {
        assertThatThrownBy(() -> new MmapLogStore(new MmapStoreContext()))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("directory must be set");
    }

    @Test
    void diskMustNotBeNull() {
        assertThatThrownBy(() -> new MmapLogStore(context().disk(null)))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("disk");
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                Integer.MIN_VALUE,
                -4096,
                0,
                1,
                4096,
                8191,
                8193,
                (1 << 20) + 512,
                (1 << 30) + 4096,
                Integer.MAX_VALUE
            })
    void segmentLengthThatMakesNoSenseIsRefused(final int length) {
        assertThatThrownBy(() -> new MmapLogStore(context().segmentLength(length)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "segmentLength must be a multiple of 4096 from 8192 to 1073741824: "
                                + length);
    }

    @ParameterizedTest
    @ValueSource(ints = {8 << 10, 12 << 10, 64 << 20, 1 << 30})
    void sensibleSegmentLengthIsAccepted(final int length) {
        assertThat(new MmapLogStore(context().segmentLength(length)).maxPayloadLength())
                .isEqualTo(SegmentDescriptor.maxPayloadLength(length));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 512, 4097, (1 << 20) + 4096})
    void zeroingLengthThatMakesNoSenseIsRefused(final int length) {
        assertThatThrownBy(() -> new MmapLogStore(context().zeroingLength(length)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("zeroingLength must be a multiple of 4096 up to 1 MiB: " + length);
    }

    @Test
    void touchAheadLengthMustNotBeNegative() {
        assertThatThrownBy(() -> new MmapLogStore(context().touchAheadLength(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("touchAheadLength must not be negative: -1");
    }

    @Test
    void maxSpareSegmentsMustNotBeNegative() {
        assertThatThrownBy(() -> new MmapLogStore(context().maxSpareSegments(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxSpareSegments must not be negative: -1");
    }

    @Test
    void nothingIsTouchedBeforeTheStoreIsOpened() {
        final HookedDisk disk = new HookedDisk();

        final MmapLogStore store = new MmapLogStore(context().disk(disk));

        assertThat(store.name()).isEqualTo("never-touched");
        for (final HookedDisk.Operation operation : HookedDisk.Operation.values()) {
            assertThat(disk.count(operation)).as(operation.name()).isZero();
        }
    }

    private static MmapStoreContext context() {
        return new MmapStoreContext().directory(DIRECTORY);
    }
}
