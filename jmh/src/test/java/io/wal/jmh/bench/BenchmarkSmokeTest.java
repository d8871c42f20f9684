package io.wal.jmh.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Collection;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Each benchmark class runs, once and briefly, in this JVM. */
@Timeout(120)
final class BenchmarkSmokeTest {
    private static final String DIRECTORY_PROPERTY = "wal.jmh.directory";
    private static final TimeValue BRIEFLY = TimeValue.milliseconds(20);

    @TempDir private Path directory;

    @ParameterizedTest
    @ValueSource(
            classes = {
                RecordCodecBenchmark.class,
                AppendBenchmark.class,
                AppendLatencyBenchmark.class,
                RecoveryScanBenchmark.class,
                CheckpointBenchmark.class
            })
    void runs(final Class<?> benchmark) throws Exception {
        System.setProperty(DIRECTORY_PROPERTY, directory.toString());
        try {
            final ChainedOptionsBuilder options =
                    new OptionsBuilder()
                            .include("\\." + benchmark.getSimpleName() + "\\.")
                            .forks(0)
                            .threads(2)
                            .warmupIterations(0)
                            .measurementIterations(1)
                            .measurementTime(BRIEFLY)
                            .shouldFailOnError(true)
                            .verbosity(VerboseMode.SILENT);
            options.param("payloadLength", "256").param("entries", "500");
            options.param("journal", "wal-mapped").param("checkpointed", "false");
            options.param("durability", "FORCED").param("writeMode", "MAPPED");
            final Collection<RunResult> results;
            if (benchmark == RecoveryScanBenchmark.class
                    || benchmark == CheckpointBenchmark.class) {
                options.threads(1);
            }
            results = new Runner(options.build()).run();

            assertThat(results)
                    .isNotEmpty()
                    .allSatisfy(
                            result ->
                                    assertThat(result.getPrimaryResult().getStatistics().getN())
                                            .isPositive());
        } finally {
            System.clearProperty(DIRECTORY_PROPERTY);
        }
    }
}
