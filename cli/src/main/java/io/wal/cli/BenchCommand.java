package io.wal.cli;

import io.wal.Durability;
import io.wal.WalException;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures. */
@Command(
        name = "bench",
        header = {"Measure throughput and latency.", ""},
        description = {
            "Measure throughput and latency, beside what the same device takes in the same run for the least a log "
                    + "must do.",
            "",
            "The log that is measured is a new one in a directory of its own, which is removed at the end: within STORE "
                    + "if that is a plain directory, else beside STORE. In etcd it is a log of its own, without the "
                    + "comparison with the device. What STORE holds is not touched."
        },
        footer = {
            "",
            "Examples:",
            "  wal bench --seconds 60 /var/lib/orders",
            "  wal bench --producers 1,16 --payload 128,1k,64k --durability forced --json > bench.json"
        })
final class BenchCommand implements Callable<Integer> {
    private static final double FLOOR_SHARE = 0.1;
    private static final double WARM_UP_SHARE = 0.1;
    private static final int MOST_PRODUCERS = 1024;

    private final Console console;

    @Parameters(
            paramLabel = "STORE",
            arity = "0..1",
            description = "Where to measure; by default in the working directory.")
    private String store = ".";

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "20",
            description = "How long it may take in all, for all cases together; 20 by default.")
    private double seconds;

    @Option(
            names = "--producers",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,4",
            description = "Numbers of threads that append; 1,4 by default.")
    private List<Integer> producers;

    @Option(
            names = "--payload",
            paramLabel = "LENGTH",
            split = ",",
            defaultValue = "256,4k",
            description = "Lengths of entries in bytes, also as 64k or 1m; 256,4k by default.")
    private List<String> payloads;

    @Option(
            names = "--durability",
            paramLabel = "DURABILITY",
            split = ",",
            defaultValue = "forced,written",
            completionCandidates = DurabilityNames.class,
            description = "What is asked for (${COMPLETION-CANDIDATES}); both by default.")
    private List<Durability> durabilities;

    @Option(names = "--direct", description = "Let the log write past the page cache.")
    private boolean direct;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Mixin private EtcdOptions etcd;

    BenchCommand(final Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws Exception {
        if (!(seconds > 0 && seconds <= 86_400)) {
            throw new UsageException(
                    "--seconds must be more than 0, and a day at most: " + seconds);
        }
        final List<BenchCase> cases = cases();
        try (ScratchPlace place = etcd.address(console, store).scratch("bench")) {
            final LogSession session =
                    LogSession.open(
                            console,
                            place.log("log"),
                            new StoreSettings(true, 0, direct, 1),
                            (lsn, kind, buffer, at, length) -> {});
            try {
                checkPayloads(cases, session.log().maxPayloadLength());
                run(place, session, cases);
            } catch (final WalException e) {
                if (place.isEnding()) {
                    return ExitCode.FAILURE; // the log is gone because this process is to go
                }
                throw e;
            } finally {
                session.closeQuietly();
            }
        }
        return ExitCode.SOUND;
    }

    private void run(
            final ScratchPlace place, final LogSession session, final List<BenchCase> cases)
            throws IOException, InterruptedException {
        final OutputBuffer out = new OutputBuffer(console.out());
        final long totalNs = (long) (seconds * 1e9);
        final long floorNs = (long) (totalNs * FLOOR_SHARE / 2);
        final long phaseNs =
                (long) (totalNs * (1 - FLOOR_SHARE - WARM_UP_SHARE) / cases.size() / 2);
        final JsonWriter report = new JsonWriter().beginObject();
        describe(out, report, place);
        try (DeviceFloor floor =
                place.directory() == null ? null : new DeviceFloor(place.directory())) {
            measureFloor(out, floor, floorNs);
            report.name("cases").beginArray();
            warmUp(session, cases.get(0), (long) (totalNs * WARM_UP_SHARE / 2));
            print(out, BenchTable.head());
            for (final BenchCase benchCase : cases) {
                final BenchPhase waiting = new BenchRun(session, benchCase).await(phaseNs);
                final BenchPhase streaming = new BenchRun(session, benchCase).stream(phaseNs);
                print(out, BenchTable.row(benchCase, waiting, streaming));
                BenchTable.json(report, benchCase, waiting, streaming);
            }
            report.endArray();
            measureFloor(out, floor, floorNs);
            if (floor != null) {
                report.name("floor");
                BenchTable.json(report, floor.result());
            }
        }
        if (json) {
            out.putText(report.endObject().take() + "\n");
            out.flush();
        }
    }

    private void describe(final OutputBuffer out, final JsonWriter report, final ScratchPlace place)
            throws IOException {
        final int processors = Runtime.getRuntime().availableProcessors();
        final String fileSystem = fileSystem(place.directory());
        print(
                out,
                "measured in "
                        + place.location()
                        + (fileSystem == null ? "" : " (" + fileSystem + ")")
                        + ", "
                        + Quantity.of(processors, "processor", "processors")
                        + ", Java "
                        + Runtime.version());
        report.field("location", place.location()).field("fileSystem", fileSystem);
        report.field("processors", processors).field("java", Runtime.version().toString());
    }

    private void measureFloor(
            final OutputBuffer out, final DeviceFloor floor, final long durationNs)
            throws IOException {
        if (floor != null) {
            floor.measure(durationNs);
            print(out, BenchTable.floorLine(floor.result()));
        }
    }

    private static void warmUp(
            final LogSession session, final BenchCase benchCase, final long durationNs)
            throws InterruptedException {
        new BenchRun(session, benchCase).await(durationNs);
        new BenchRun(session, benchCase).stream(durationNs);
    }

    private void print(final OutputBuffer out, final String line) {
        if (!json) {
            out.putText(line + "\n");
            out.flush();
        }
    }

    private List<BenchCase> cases() {
        final List<BenchCase> cases = new ArrayList<>();
        for (final Durability durability : durabilities) {
            for (final String payload : payloads) {
                final long length = Quantity.parseBytes(payload);
                if (length > Integer.MAX_VALUE) {
                    throw new UsageException("--payload is too large: " + payload);
                }
                for (final int count : producers) {
                    if (count < 1 || count > MOST_PRODUCERS) {
                        throw new UsageException(
                                "--producers must be from 1 to " + MOST_PRODUCERS + ": " + count);
                    }
                    cases.add(new BenchCase(count, (int) length, durability));
                }
            }
        }
        return cases;
    }

    private static void checkPayloads(final List<BenchCase> cases, final int longest) {
        for (final BenchCase benchCase : cases) {
            if (benchCase.payloadLength() > longest) {
                throw new UsageException(
                        "--payload must be at most " + longest + ": " + benchCase.payloadLength());
            }
        }
    }

    private static String fileSystem(final Path directory) throws IOException {
        if (directory == null) {
            return null;
        }
        final FileStore fileStore = Files.getFileStore(directory);
        return fileStore.type() + " on " + fileStore.name();
    }
}
