package io.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.store.FakeStore;
import io.wal.store.StoreLimits;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WalContextTest {
    private static WalContext context() {
        return new WalContext().store(new FakeStore());
    }

    private static void assertRefused(
            final UnaryOperator<WalContext> setting, final String message) {
        assertThatThrownBy(() -> WriteAheadLog.open(setting.apply(context())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void defaultsAreWhatTheGettersSay() {
        final WalContext context = context();
        context.conclude();

        assertThat(context.ringCapacity()).isEqualTo(8192);
        assertThat(context.slotLength()).isEqualTo(512);
        assertThat(context.maxPayloadLength()).as("what the store keeps").isEqualTo(16 << 20);
        assertThat(context.overflowLimit()).isEqualTo(64 << 20);
        assertThat(context.waitMode()).isEqualTo(WaitMode.PARK);
        assertThat(context.fullPolicy()).isEqualTo(WalContext.FullPolicy.WAIT);
        assertThat(context.closeTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(context.applyHandler()).isNull();
        assertThat(context.errorHandler()).isNotNull();
        assertThat(context.threadFactory().newThread(() -> {}).isDaemon()).isTrue();
        assertThat(context.storeLimits())
                .isEqualTo(new StoreLimits(Integer.MAX_VALUE, Integer.MAX_VALUE, 0, 100_000_000));
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -2, 0, 1, 3, 1000, (1 << 24) + 1, 1 << 25})
    void ringCapacityIsAPowerOfTwo(final int capacity) {
        assertRefused(
                context -> context.ringCapacity(capacity),
                "ringCapacity must be a power of two from 2 to 2^24: " + capacity);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 63, (1 << 20) + 1})
    void slotLengthIsWithinItsRange(final int length) {
        assertRefused(
                context -> context.slotLength(length),
                "slotLength must be from 64 to 1 MiB: " + length);
    }

    @ParameterizedTest
    @CsvSource({"64,64", "65,128", "511,512", "512,512", "1048576,1048576"})
    void slotLengthIsRoundedUp(final int length, final int rounded) {
        final WalContext context = context().slotLength(length);
        context.conclude();
        assertThat(context.slotLength()).isEqualTo(rounded);
    }

    @Test
    void payloadLengthFitsTheStoreAndTheMemory() {
        assertRefused(context -> context.maxPayloadLength(-1), "maxPayloadLength must be from 1");
        assertRefused(
                context -> context.maxPayloadLength((1 << 24) + 1),
                "maxPayloadLength must be from 1 to 16777216, which the store can keep: 16777217");
        assertRefused(
                context -> context.maxPayloadLength(1000).overflowLimit(2999),
                "overflowLimit must be at least three times maxPayloadLength, 3000: 2999");
        final WalContext context = context().maxPayloadLength(1 << 24).overflowLimit(3L << 24);
        context.conclude();
        assertThat(context.overflowLimit()).isEqualTo(3L << 24);
    }

    @Test
    void batchLimitsArePositive() {
        assertRefused(context -> context.maxBatchLength(0), "maxBatchLength must be at least 1: 0");
        assertRefused(
                context -> context.maxBatchEntryCount(-5),
                "maxBatchEntryCount must be at least 1: -5");
    }

    @Test
    void durationsAreSensible() {
        assertRefused(
                context -> context.batchDelay(Duration.ofNanos(-1)),
                "batchDelay must not be negative: PT-0.000000001S");
        assertRefused(
                context -> context.forceInterval(Duration.ZERO),
                "forceInterval must be more than zero: PT0S");
        assertRefused(
                context -> context.closeTimeout(Duration.ZERO),
                "closeTimeout must be more than zero: PT0S");
    }

    @Test
    void longestDurationsMeanForEver() {
        final Duration ever = Duration.ofSeconds(Long.MAX_VALUE);

        try (WriteAheadLog log =
                WriteAheadLog.open(
                        context()
                                .batchDelay(Duration.ZERO)
                                .forceInterval(ever)
                                .closeTimeout(ever))) {
            log.append(new UnsafeBuffer(new byte[8]), 0, 8);
            assertThat(log.awaitDurable(1, ever)).isTrue();
        }
    }

    @Test
    void missingSettingsAreNamed() {
        assertThatThrownBy(() -> WriteAheadLog.open(new WalContext()))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("store must be set");
        assertThatThrownBy(() -> WriteAheadLog.open(context().waitMode(null)))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("waitMode");
        assertThatThrownBy(() -> WriteAheadLog.open(context().fullPolicy(null)))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("fullPolicy");
        assertThatThrownBy(() -> WriteAheadLog.open(context().batchDelay(null)))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("batchDelay");
        assertThatThrownBy(() -> WriteAheadLog.open(context().forceInterval(null)))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("forceInterval");
        assertThatThrownBy(() -> WriteAheadLog.open(context().closeTimeout(null)))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("closeTimeout");
    }

    @Test
    void contextIsUsedOnce() {
        final WalContext context = context();
        WriteAheadLog.open(context).close();

        assertThatThrownBy(() -> WriteAheadLog.open(context))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("make a new one");
    }

    @Test
    void refusedSettingTouchesNoStore() {
        final FakeStore store = new FakeStore();

        assertThatThrownBy(() -> WriteAheadLog.open(context().store(store).ringCapacity(3)))
                .isInstanceOf(IllegalArgumentException.class);

        assertThat(store.closes).hasValue(0);
        WriteAheadLog.open(new WalContext().store(store)).close();
    }
}
