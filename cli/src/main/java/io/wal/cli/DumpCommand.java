package io.wal.cli;

import io.wal.inspect.Damage;
import io.wal.inspect.LogInspector;
import io.wal.inspect.LogReport;
import io.wal.inspect.RecordVisitor;
import io.wal.inspect.SegmentReport;
import io.wal.record.RecordKind;
import java.util.concurrent.Callable;
import org.agrona.DirectBuffer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints what the log holds. */
@Command(
        name = "dump",
        header = {"Print every entry that is held.", ""},
        description = {
            "Print every entry that the log still holds, checkpoints that were not finalized among them. Reads only, "
                    + "also beside a writer.",
            "",
            "Damage is told on standard error, and the dump goes on behind it; the exit code is 3 then."
        },
        footer = {
            "",
            "Examples:",
            "  wal dump --from 100 --to 199 --format hex /var/lib/orders/log",
            "  wal dump --payload-only --format framed a | wal append --format framed b"
        })
final class DumpCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "STORE", description = "The log: " + StoreAddress.FORMS + ".")
    private String store;

    @Option(
            names = "--from",
            paramLabel = "LSN",
            defaultValue = "1",
            description = "First LSN to print.")
    private long from;

    @Option(names = "--to", paramLabel = "LSN", description = "Last LSN to print.")
    private long to = Long.MAX_VALUE;

    @Option(
            names = "--records",
            description =
                    "Print records as they are stored, also those the log writes for itself: segment, offset, "
                            + "LSN, kind, length, and payload or meaning, with tabs between.")
    private boolean records;

    @Mixin private OutputOptions output;

    @Mixin private EtcdOptions etcd;

    DumpCommand(final Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        check();
        final OutputBuffer out = new OutputBuffer(console.out());
        final LogReport report;
        try (LogInspector inspector = etcd.address(console, store).inspector();
                Progress progress = new Progress(console, "dump", 0, true)) {
            report =
                    inspector.visit(
                            records ? from - 1 : from, // a marker has the LSN before its entries
                            to,
                            records
                                    ? new RecordsVisitor(
                                            out,
                                            new RecordPrinter(
                                                    out, output.format(), output.isJson()))
                                    : new EntriesVisitor(out, output.printer(out), progress));
        }
        out.flush();
        if (from > 1 && report.firstLsn() > from) {
            console.warn("the entries before LSN " + report.firstLsn() + " are no longer held");
        }
        return ReportPrinter.conclude(console, store, report);
    }

    private void check() {
        if (from < 1) {
            throw new UsageException("--from must be at least 1: " + from);
        }
        if (to < from) {
            throw new UsageException("--to must not be before --from " + from + ": " + to);
        }
        if (records && (output.isFramed() || output.isPayloadOnly())) {
            throw new UsageException(
                    "--records goes with --format lines, hex or base64, and --json only");
        }
        output.format();
    }

    private void tell(final OutputBuffer out, final Damage damage) {
        out.flush(); // what came before it is seen before it
        console.warn(ReportPrinter.line(damage));
    }

    private final class EntriesVisitor implements RecordVisitor {
        private final OutputBuffer out;
        private final EntryPrinter printer;
        private final Progress progress;
        private long byteCount;
        private int recordCount;

        EntriesVisitor(
                final OutputBuffer out, final EntryPrinter printer, final Progress progress) {
            this.out = out;
            this.printer = printer;
            this.progress = progress;
        }

        @Override
        public void onRecord(
                final String segment,
                final long segmentOffset,
                final long lsn,
                final RecordKind kind,
                final DirectBuffer buffer,
                final int offset,
                final int length) {
            if (kind == RecordKind.DATA || kind == RecordKind.CHECKPOINT) {
                printer.print(lsn, kind, buffer, offset, length);
                byteCount += length;
            }
            if ((++recordCount & 0x3FF) == 0) {
                progress.accept(byteCount);
            }
        }

        @Override
        public void onDamage(final Damage damage) {
            tell(out, damage);
        }
    }

    private final class RecordsVisitor implements RecordVisitor {
        private final OutputBuffer out;
        private final RecordPrinter printer;

        RecordsVisitor(final OutputBuffer out, final RecordPrinter printer) {
            this.out = out;
            this.printer = printer;
        }

        @Override
        public void onSegment(final SegmentReport segment) {
            printer.printSegment(segment);
        }

        @Override
        public void onRecord(
                final String segment,
                final long segmentOffset,
                final long lsn,
                final RecordKind kind,
                final DirectBuffer buffer,
                final int offset,
                final int length) {
            if (lsn >= from || !kind.isEntry()) {
                printer.printRecord(segment, segmentOffset, lsn, kind, buffer, offset, length);
            }
        }

        @Override
        public void onDamage(final Damage damage) {
            tell(out, damage);
        }
    }
}
