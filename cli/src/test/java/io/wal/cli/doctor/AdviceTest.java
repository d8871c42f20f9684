package io.wal.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.WalContext;
import io.wal.mmap.MmapStoreContext;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AdviceTest {
    @Test
    void writesPastThePageCacheWhereThatIsClearlyFaster() {
        assertThat(setting(new MadeUp().forceTimes(100, 60), "writeMode"))
                .isEqualTo(
                        new Setting(
                                "MmapStoreContext",
                                "writeMode",
                                "DIRECT",
                                "DIRECT",
                                "WriteMode.DIRECT",
                                false,
                                "DIRECT: a small force in 60 us, busy 789 MB/s; MAPPED: 100 us, 473"
                                        + " MB/s; WRITTEN entries cost as much as FORCED ones then"));
        assertThat(setting(new MadeUp().forceTimes(100, 95), "writeMode").value())
                .isEqualTo("MAPPED");
        assertThat(setting(new MadeUp().forceTimes(60, 100), "writeMode").value())
                .isEqualTo("MAPPED");
    }

    @Test
    void doesWithoutDirectWritesWhereThereAreNone() {
        assertThat(setting(new MadeUp().directRefusal("no"), "writeMode"))
                .satisfies(setting -> assertThat(setting.value()).isEqualTo("MAPPED"))
                .satisfies(setting -> assertThat(setting.usual()).isTrue());
    }

    @Test
    void zeroingLengthIsTheOneWithTheShortestForces() {
        final MadeUp mapped = new MadeUp().forceTimes(100, 100);

        assertThat(setting(mapped.zeroingFactors(1.5, 2), "zeroingLength").value())
                .isEqualTo("16384");
        assertThat(setting(mapped.zeroingFactors(0.97, 2), "zeroingLength").value())
                .as("a difference that may be chance")
                .isEqualTo("16384");
        assertThat(setting(mapped.zeroingFactors(0.7, 2), "zeroingLength").value())
                .isEqualTo("4096");
        assertThat(setting(mapped.zeroingFactors(0.7, 0.6), "zeroingLength"))
                .satisfies(setting -> assertThat(setting.value()).isEqualTo("65536"))
                .satisfies(setting -> assertThat(setting.code()).isEqualTo("64 << 10"))
                .satisfies(setting -> assertThat(setting.words()).isEqualTo("64 KiB"));
    }

    @Test
    void zeroingLengthIsOfNoImportanceForDirectWrites() {
        assertThat(
                        setting(
                                        new MadeUp().forceTimes(100, 50).zeroingFactors(0.5, 0.4),
                                        "zeroingLength")
                                .usual())
                .isTrue();
    }

    @Test
    void touchesAheadWhereItPaysAndProcessorsAreIdle() {
        final MadeUp mapped = new MadeUp().forceTimes(100, 100);

        assertThat(setting(mapped.untouchedFactor(2), "touchAheadLength").code())
                .isEqualTo("4 << 20");
        assertThat(setting(mapped.untouchedFactor(1.1), "touchAheadLength").value()).isEqualTo("0");
        assertThat(setting(mapped.untouchedFactor(2).processorCount(2), "touchAheadLength").value())
                .isEqualTo("0");
    }

    @Test
    void segmentsAreShorterWhereSpaceIsScarceOrSlow() {
        assertThat(setting(new MadeUp(), "segmentLength").usual()).isTrue();
        assertThat(setting(new MadeUp().usableSpace(256 << 20), "segmentLength").value())
                .isEqualTo(Integer.toString(16 << 20));
        assertThat(setting(new MadeUp().preparedBytesPerSecond(10e6), "segmentLength").value())
                .isEqualTo(Integer.toString(16 << 20));
        assertThat(setting(new MadeUp().usableSpace(0), "segmentLength").value())
                .isEqualTo(Integer.toString(1 << 20));
    }

    @Test
    void yieldsWhereForcesAreShortAndProcessorsMany() {
        assertThat(setting(new MadeUp().forceTimes(20, 20), "waitMode").value()).isEqualTo("YIELD");
        assertThat(setting(new MadeUp().forceTimes(20, 20).processorCount(2), "waitMode").value())
                .isEqualTo("PARK");
        assertThat(setting(new MadeUp(), "waitMode").value()).isEqualTo("PARK");
    }

    @Test
    void stallsAreWhatIsOutOfTheOrdinaryHere() {
        assertThat(setting(new MadeUp(), "stallThreshold").usual()).isTrue();
        assertThat(setting(new MadeUp().forceTimes(30_000, 30_000), "stallThreshold").code())
                .isEqualTo("Duration.ofMillis(400)");
    }

    @Test
    void namesSettingsThatExist() {
        for (final Setting setting : Advice.of(new MadeUp().diagnosis())) {
            final Class<?> context =
                    setting.context().equals("WalContext")
                            ? WalContext.class
                            : MmapStoreContext.class;

            assertThat(context.getSimpleName()).isEqualTo(setting.context());
            assertThat(Stream.of(context.getMethods()).map(Method::getName))
                    .contains(setting.name());
            assertThat(setting.reason()).as(setting.name()).isNotBlank();
        }
    }

    @Test
    void figuresAreWrittenTheSameEverywhere() {
        final Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            assertThat(setting(new MadeUp().forceTimes(2, 1.5), "writeMode").reason())
                    .startsWith("DIRECT: a small force in 1.5 us");
        } finally {
            Locale.setDefault(before);
        }
    }

    private static Setting setting(final MadeUp madeUp, final String name) {
        final List<Setting> settings =
                Advice.of(madeUp.diagnosis()).stream()
                        .filter(setting -> setting.name().equals(name))
                        .toList();
        assertThat(settings).as(name).hasSize(1);
        return settings.get(0);
    }
}
