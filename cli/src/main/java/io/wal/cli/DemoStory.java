package io.wal.cli;

import io.wal.Checkpoint;
import io.wal.Durability;
import io.wal.EntryKind;
import io.wal.RecoveredLog;
import io.wal.WriteAheadLog;
import io.wal.inspect.LogInspector;
import io.wal.inspect.LogReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** What the demonstration does, step by step, and what it says of each step. */
final class DemoStory {
    private static final int SINGLE_COUNT = 200;
    private static final int GROUP_COUNT = 200_000;
    private static final int CHECKPOINT_COUNT = 10;
    private static final int ACKNOWLEDGEMENTS_STEP = 15_000;
    private static final int DIFFERENCES_TOLD = 5;

    private final Console console;
    private final OutputBuffer out;
    private final ScratchPlace place;
    private final ScratchDirectory workplace;
    private final StoreAddress address;
    private final DemoText text;
    private final UnsafeBuffer buffer = new UnsafeBuffer();
    private final List<String> checkpointEntries = new ArrayList<>();
    private int step;

    /** The log is in the one place, and files that the story needs are in the other. */
    DemoStory(
            final Console console,
            final ScratchPlace place,
            final ScratchDirectory workplace,
            final DemoText text) {
        this.console = console;
        this.out = new OutputBuffer(console.out());
        this.place = place;
        this.workplace = workplace;
        this.address = place.log("log");
        this.text = text;
    }

    /** Tells it; true when all went as promised. */
    boolean tell(final int kills) throws IOException, InterruptedException {
        title("A log in " + address + (isInEtcd() ? ", a new one." : ", a new directory."));
        say(
                "The entries are numbered lines of "
                        + text.name()
                        + " ("
                        + text.lineCount()
                        + " lines).");
        appendSome();
        long lastLsn = checkpoint();
        long acknowledgedCount = 0;
        boolean kept = true;
        for (int kill = 1; kill <= kills; kill++) {
            title("Kill " + kill + " of " + kills + ".");
            final DemoVictim victim =
                    DemoVictim.start(
                            place,
                            address,
                            workplace.directory().resolve("writer.log"),
                            text,
                            lastLsn + 1);
            say(
                    "Process "
                            + victim.pid()
                            + " runs 'wal append --acks' on the log and is fed without end.");
            final long acknowledgedLsn = victim.feedAndKill((long) kill * ACKNOWLEDGEMENTS_STEP);
            say(
                    "It was killed with SIGKILL when it had acknowledged LSN "
                            + (lastLsn + 1)
                            + " to "
                            + acknowledgedLsn
                            + ".");
            if (isInEtcd()) {
                say("Its lease on the log lasts some seconds more; who follows takes the log now.");
            }
            acknowledgedCount += acknowledgedLsn - lastLsn;
            final Comparison comparison = recover();
            lastLsn = comparison.lastLsn;
            kept &= tell(comparison, acknowledgedLsn);
        }
        kept &= verify();
        title(
                kept
                        ? "VERDICT: nothing was lost. "
                                + acknowledgedCount
                                + " entries were acknowledged by "
                                + Quantity.of(kills, "process that was", "processes that were")
                                + " killed, and every one of them was recovered, byte for byte."
                        : "VERDICT: something that was acknowledged was lost or changed. This must never happen.");
        return kept;
    }

    private void appendSome() {
        title("Appending, and what groups are good for.");
        try (LogSession session = open()) {
            final WriteAheadLog log = session.log();
            final long startNs = System.nanoTime();
            for (int i = 0; i < SINGLE_COUNT; i++) {
                wrapEntry(log.lastLsn() + 1);
                log.appendAndAwait(buffer, 0, buffer.capacity(), Durability.FORCED);
            }
            tellRate(
                    "One at a time, each waits for its own " + unit(),
                    SINGLE_COUNT,
                    startNs,
                    session.forceCount());
            final long forcesBefore = session.forceCount();
            final long groupStartNs = System.nanoTime();
            for (int i = 0; i < GROUP_COUNT; i++) {
                wrapEntry(log.lastLsn() + 1);
                log.append(buffer, 0, buffer.capacity());
            }
            log.flush();
            tellRate(
                    "On and on, one " + unit() + " for all that wait",
                    GROUP_COUNT,
                    groupStartNs,
                    session.forceCount() - forcesBefore);
        }
    }

    private long checkpoint() {
        title("A checkpoint.");
        final long startLsn;
        final long lastLsn;
        try (LogSession session = open()) {
            final WriteAheadLog log = session.log();
            final Checkpoint checkpoint = log.startCheckpoint();
            startLsn = checkpoint.startLsn();
            for (int i = 1; i <= CHECKPOINT_COUNT; i++) {
                final String entry = "part " + i + " of the state as of LSN " + (startLsn - 1);
                checkpointEntries.add(entry);
                buffer.wrap(entry.getBytes(StandardCharsets.UTF_8));
                checkpoint.append(buffer, 0, buffer.capacity());
            }
            checkpoint.finalizeCheckpoint();
            lastLsn = log.lastLsn();
        }
        say(CHECKPOINT_COUNT + " entries hold the state; it was finalized in one atomic step.");
        say(
                "Recovery begins at LSN "
                        + startLsn
                        + " from now on: what came before need not be kept.");
        return lastLsn;
    }

    private Comparison recover() {
        final Comparison comparison = new Comparison();
        final RecoveredLog recovered;
        try (LogSession session =
                LogSession.open(console, address, StoreSettings.EXISTING, comparison::onEntry)) {
            recovered = session.recovered();
        }
        comparison.end(recovered);
        say(
                "Recovery found its end "
                        + recovered.tail().name().toLowerCase(Locale.ROOT)
                        + ", and delivered LSN "
                        + recovered.startLsn()
                        + " to "
                        + recovered.lastLsn()
                        + ".");
        return comparison;
    }

    private boolean tell(final Comparison comparison, final long acknowledgedLsn) {
        final boolean complete = comparison.lastLsn >= acknowledgedLsn;
        if (complete) {
            say(
                    "All acknowledged entries are there; so are "
                            + (comparison.lastLsn - acknowledgedLsn)
                            + " that were durable before the process could say so.");
        } else {
            say(
                    "LOST: LSN "
                            + (comparison.lastLsn + 1)
                            + " to "
                            + acknowledgedLsn
                            + " were acknowledged.");
        }
        if (comparison.differenceCount == 0) {
            say(comparison.count + " entries were compared with what was appended: no difference.");
        } else {
            say("DIFFERENT: " + comparison.differenceCount + " entries are not what was appended.");
        }
        return complete && comparison.differenceCount == 0;
    }

    private boolean verify() {
        title("The same log, as 'wal verify' sees it.");
        final LogReport report;
        try (LogInspector inspector = address.inspector()) {
            report = inspector.verify(bytes -> {});
        }
        out.putText(ReportPrinter.text(report).indent(3));
        out.flush();
        return report.verdict() != LogReport.Verdict.DAMAGED;
    }

    private LogSession open() {
        return LogSession.open(
                console,
                address,
                StoreSettings.CREATING,
                (lsn, kind, payload, offset, length) -> {});
    }

    private void wrapEntry(final long lsn) {
        buffer.wrap(text.entry(lsn));
    }

    private void tellRate(
            final String how, final long count, final long startNs, final long forceCount) {
        final double seconds = (System.nanoTime() - startNs) / 1e9;
        final String forces =
                isInEtcd() // where members force is theirs to know
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                ", %d forces, %.1f entries per force",
                                forceCount,
                                (double) count / Math.max(1, forceCount));
        say(
                String.format(
                        Locale.ROOT,
                        "%s: %d entries in %.3f s, %.0f/s%s.",
                        how,
                        count,
                        seconds,
                        count / seconds,
                        forces));
    }

    private boolean isInEtcd() {
        return place.directory() == null;
    }

    /** What makes a batch durable. */
    private String unit() {
        return isInEtcd() ? "transaction" : "force";
    }

    private void title(final String line) {
        out.putText((step == 0 ? "" : "\n") + ++step + ". " + line + "\n");
        out.flush();
    }

    private void say(final String line) {
        out.putText("   " + line + "\n");
        out.flush();
    }

    /** Holds what recovery delivers against what was appended. */
    private final class Comparison {
        private long count;
        private long differenceCount;
        private long nextLsn;
        private long lastLsn;
        private final UnsafeBuffer expected = new UnsafeBuffer();

        void onEntry(
                final long lsn,
                final EntryKind kind,
                final DirectBuffer payload,
                final int offset,
                final int length) {
            if (nextLsn != 0 && lsn != nextLsn) {
                differs(lsn, "LSN " + nextLsn + " was to come");
            }
            nextLsn = lsn + 1;
            final boolean isState = count < checkpointEntries.size();
            final byte[] bytes =
                    isState
                            ? checkpointEntries.get((int) count).getBytes(StandardCharsets.UTF_8)
                            : text.entry(lsn);
            count++;
            expected.wrap(bytes);
            if (kind != (isState ? EntryKind.CHECKPOINT : EntryKind.DATA)) {
                differs(lsn, "it is of kind " + kind);
            } else if (length != bytes.length || !isEqual(payload, offset, length)) {
                differs(lsn, "the bytes are others");
            }
        }

        /** The log may end where the checkpoint does, and must not end before. */
        void end(final RecoveredLog recovered) {
            lastLsn = recovered.lastLsn();
            if (nextLsn != lastLsn + 1) {
                differs(nextLsn, "the log ends at LSN " + lastLsn + ", and this was not delivered");
            }
        }

        private boolean isEqual(final DirectBuffer payload, final int offset, final int length) {
            for (int i = 0; i < length; i++) {
                if (payload.getByte(offset + i) != expected.getByte(i)) {
                    return false;
                }
            }
            return true;
        }

        private void differs(final long lsn, final String how) {
            if (++differenceCount <= DIFFERENCES_TOLD) {
                console.warn("LSN " + lsn + ": " + how);
            }
        }
    }
}
