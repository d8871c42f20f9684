package io.wal.cli;

import io.wal.EntryKind;
import io.wal.RecoveredLog;
import io.wal.record.RecordKind;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.agrona.DirectBuffer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Prints what recovery delivers. */
@Command(
        name = "recover",
        header = {"Print what recovery delivers, and clean up.", ""},
        description = {
            "Open the log as a program does that goes on writing, and print what recovery delivers: the entries of the "
                    + "last finalized checkpoint, and every DATA entry from its start on.",
            "",
            "This cleans up: what a crash left behind the last acknowledged entry is cut off. To look without a trace, "
                    + "use dump."
        },
        footer = {"", "Example:", "  wal recover /var/lib/orders/log | tail -1"})
final class RecoverCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "STORE", description = "The log: " + StoreAddress.FORMS + ".")
    private String store;

    @Mixin private OutputOptions output;

    @Mixin private EtcdWriterOptions etcd;

    RecoverCommand(final Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        final StoreAddress address = etcd.address(console, store);
        final OutputBuffer out = new OutputBuffer(console.out());
        final Delivery delivery =
                new Delivery(output.printer(out), new Progress(console, "recover", 0, true));
        final LogSession session =
                LogSession.open(console, address, StoreSettings.EXISTING, delivery::onEntry);
        final RecoveredLog recovered = session.recovered();
        delivery.progress.close();
        try {
            out.flush();
        } catch (final OutputException e) {
            session.closeQuietly();
            throw e;
        }
        session.close();
        console.say(
                "recovered "
                        + Quantity.entries(delivery.entryCount)
                        + ", "
                        + Quantity.lsnRange(recovered.startLsn(), recovered.lastLsn())
                        + ", tail "
                        + recovered.tail().name().toLowerCase(Locale.ROOT)
                        + ", generation "
                        + recovered.generation());
        return ExitCode.SOUND;
    }

    private static final class Delivery {
        private final EntryPrinter printer;
        private final Progress progress;
        private long entryCount;
        private long byteCount;

        Delivery(final EntryPrinter printer, final Progress progress) {
            this.printer = printer;
            this.progress = progress;
        }

        void onEntry(
                final long lsn,
                final EntryKind kind,
                final DirectBuffer buffer,
                final int offset,
                final int length) {
            printer.print(
                    lsn,
                    kind == EntryKind.DATA ? RecordKind.DATA : RecordKind.CHECKPOINT,
                    buffer,
                    offset,
                    length);
            entryCount++;
            byteCount += length;
            if ((entryCount & 0x3FF) == 0) {
                progress.accept(byteCount);
            }
        }
    }
}
