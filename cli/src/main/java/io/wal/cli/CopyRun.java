package io.wal.cli;

import io.wal.CorruptLogException;
import io.wal.LogNotFoundException;
import io.wal.inspect.Damage;
import io.wal.inspect.LogInspector;
import io.wal.inspect.LogReport;
import io.wal.inspect.RecordVisitor;
import io.wal.record.RecordKind;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;

/**
 * One copy of a log. Each entry is read once from either side: what the target held before is
 * digested first; then the source is read, and compared with that as far as it goes; then the rest
 * is carried over, and at last read back. A source that has a writer is another log by the time
 * that it could be read again.
 */
final class CopyRun {
    private static final long FAREWELL_S = 60;
    private static final int PROGRESS_MASK = 0x3FF;

    private final Console console;
    private final StoreAddress from;
    private final StoreAddress to;
    private final StoreSettings settings;
    private final boolean json;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean stopping;

    CopyRun(
            final Console console,
            final StoreAddress from,
            final StoreAddress to,
            final StoreSettings settings,
            final boolean json) {
        this.console = console;
        this.from = from;
        this.to = to;
        this.settings = settings;
        this.json = json;
    }

    /** Runs to the end; the result is the exit code. */
    int run() {
        final Thread hook = new Thread(this::terminate, "wal-terminate");
        Runtime.getRuntime().addShutdownHook(hook);
        try (LogInspector source = from.inspector();
                LogInspector target = to.inspector()) {
            return copy(source, target);
        } catch (final CopyException e) {
            if (!stopping) {
                throw e;
            }
            console.warn(e.getMessage()); // now: the process does not wait for anybody to tell it
            return ExitCode.FAILURE;
        } finally {
            ended.countDown();
            removeHook(hook);
        }
    }

    private int copy(final LogInspector source, final LogInspector target) {
        final long startNs = System.nanoTime();
        final LogReport original = source.info();
        final Held held = heldBy(target, original);
        // a writer beside us may have written more than will survive
        final long limitLsn =
                original.owner() == null
                        ? Long.MAX_VALUE
                        : Math.max(original.durableLsn(), held.lastLsn);
        try (Progress progress =
                        new Progress(
                                console, "copy", original.lastLsn() - held.fromLsn + 1, false);
                Carrier carrier = new Carrier(held, progress)) {
            final LogReport seen = source.visit(held.visitFromLsn(), limitLsn, carrier);
            if (!carrier.damaged && original.owner() != null) {
                carrier.checkReached(original.durableLsn());
            }
            carrier.finish();
            final double seconds = (System.nanoTime() - startNs) / 1e9;
            if (!carrier.damaged) {
                checkEnd(original, seen, carrier);
            }
            compare(target, seen, carrier);
            final String summary = summary(carrier, seconds);
            console.say(json ? summary : summary + remark(source, original, carrier));
            if (!carrier.damaged) {
                return ExitCode.SOUND;
            }
        }
        console.warn(
                from + " is damaged; " + to + " holds what lies before the damage, and no more");
        return ExitCode.DAMAGE;
    }

    /** Reads what the target has already of what the source has. Nothing is written so far. */
    private Held heldBy(final LogInspector target, final LogReport original) {
        final long startLsn = Math.max(1, original.startLsn());
        final LogReport report;
        try {
            report = target.info();
        } catch (final LogNotFoundException e) {
            return new Held(false, startLsn, startLsn, startLsn - 1, digest(startLsn, null));
        }
        check(original, report);
        final long fromLsn = Math.max(startLsn, Math.max(original.firstLsn(), report.firstLsn()));
        try (Progress progress =
                new Progress(console, "check", report.lastLsn() - fromLsn + 1, false)) {
            final RecordDigest digest = digest(fromLsn, progress);
            // from one LSN before: an empty checkpoint ends before it starts
            final LogReport held = target.visit(Math.max(1, fromLsn - 1), Long.MAX_VALUE, digest);
            if (held.verdict() == LogReport.Verdict.DAMAGED) {
                throw corrupt(held.damages().get(0));
            }
            check(original, held);
            return new Held(true, held.startLsn(), fromLsn, held.lastLsn(), digest);
        }
    }

    /** Whether the target may be the begin of such a copy, by what both say of themselves. */
    private void check(final LogReport original, final LogReport held) {
        if (held.logId().equals(original.logId())) {
            throw new UsageException(from + " and " + to + " are the same log");
        }
        final long firstLsn = original.firstLsn() == 0 ? original.startLsn() : original.firstLsn();
        if (held.lastLsn() + 1 < firstLsn) {
            throw refusal(
                    "it ends at LSN "
                            + held.lastLsn()
                            + ", and the other begins at LSN "
                            + firstLsn);
        }
        if (held.lastLsn() > original.lastLsn()) {
            throw refusal(
                    "it ends at LSN "
                            + held.lastLsn()
                            + ", and the other at LSN "
                            + original.lastLsn());
        }
        if (held.startLsn() > Math.max(1, original.startLsn())) {
            throw refusal(
                    "recovery of it begins at LSN "
                            + held.startLsn()
                            + ", and of the other at LSN "
                            + original.startLsn());
        }
    }

    /** Takes note of what passes, shows how far it is, and looks whether it is to go on. */
    private RecordDigest digest(final long fromLsn, final Progress progress) {
        return new RecordDigest(
                fromLsn,
                lsn -> {
                    checkGoesOn();
                    if (progress != null) {
                        progress.accept(lsn - fromLsn + 1, 0);
                    }
                });
    }

    private void checkEnd(final LogReport original, final LogReport seen, final Carrier carrier) {
        if (original.owner() == null && seen.lastLsn() != carrier.lastLsn) {
            throw new CopyException(
                    from
                            + " ends at LSN "
                            + seen.lastLsn()
                            + ", and was copied up to LSN "
                            + carrier.lastLsn
                            + " only; run it again");
        }
        if (carrier.uncoveredLsn != 0) {
            throw new CopyException(
                    from
                            + " released what lies before LSN "
                            + carrier.uncoveredLsn
                            + " meanwhile; run it again to copy the checkpoint that covers it");
        }
    }

    /** Holds what the target delivers now against what was carried there. */
    private void compare(final LogInspector target, final LogReport seen, final Carrier carrier) {
        final CopyTarget copy = carrier.copy;
        final long fromLsn = copy.openedLsn() + 1;
        try (Progress progress =
                new Progress(console, "compare", carrier.lastLsn - fromLsn + 1, false)) {
            final RecordDigest actual = digest(fromLsn, progress);
            final LogReport found = target.visit(Math.max(1, fromLsn - 1), carrier.lastLsn, actual);
            if (!actual.entries().equals(carrier.carried.entries())
                    || found.lastLsn() != carrier.lastLsn
                    || found.startLsn() != copy.startLsn()
                    || !copy.hasSameCheckpoint(actual)
                    || !carrier.damaged
                            && seen.owner() == null
                            && seen.startLsn() != found.startLsn()) {
                throw new CopyException(
                        to
                                + " does not deliver what "
                                + from
                                + " does, LSN "
                                + Math.max(copy.startLsn(), fromLsn)
                                + " to "
                                + carrier.lastLsn
                                + "; look at both with wal verify before one of them is removed");
            }
        }
    }

    private String summary(final Carrier carrier, final double seconds) {
        final CopyTarget copy = carrier.copy;
        final long firstLsn = carrier.lastLsn - copy.entryCount() + 1;
        if (json) {
            return new JsonWriter()
                    .beginObject()
                    .field("entries", copy.entryCount())
                    .field("firstLsn", copy.entryCount() == 0 ? 0 : firstLsn)
                    .field("lastLsn", carrier.lastLsn)
                    .field("bytes", copy.byteCount())
                    .field("seconds", seconds)
                    .endObject()
                    .take();
        }
        return "copied "
                + Quantity.entries(copy.entryCount())
                + ", "
                + Quantity.lsnRange(firstLsn, carrier.lastLsn)
                + ", "
                + Quantity.of(copy.byteCount(), "byte", "bytes")
                + ", "
                + Quantity.seconds(seconds);
    }

    /** What the copy is worth, now that the source may have gone on. */
    private String remark(
            final LogInspector source, final LogReport original, final Carrier carrier) {
        if (original.owner() == null) {
            return "; "
                    + to
                    + " delivers exactly what "
                    + from
                    + " does"
                    + (carrier.damaged ? " before its damage" : "");
        }
        final long startLsn = source.info().startLsn();
        return "; "
                + to
                + " delivers exactly what "
                + from
                + " does up to there, whose writer goes on"
                + (startLsn <= carrier.copy.startLsn()
                        ? ""
                        : "; it released LSN "
                                + carrier.copy.startLsn()
                                + " to "
                                + (startLsn - 1)
                                + " meanwhile");
    }

    private CopyException refusal(final String reason) {
        return new CopyException(
                to
                        + " is not the begin of a copy of "
                        + from
                        + ": "
                        + reason
                        + "; nothing was written");
    }

    private static CorruptLogException corrupt(final Damage damage) {
        return new CorruptLogException(
                damage.segment(), damage.offset(), damage.lsn(), damage.reason());
    }

    private void checkGoesOn() {
        if (stopping) {
            throw new CopyException("interrupted; run it again to go on");
        }
    }

    /** What was copied stays, and the next run goes on from there. */
    private void terminate() {
        stopping = true;
        try {
            ended.await(FAREWELL_S, TimeUnit.SECONDS);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void removeHook(final Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (final IllegalStateException e) {
            // the process ends already
        }
    }

    /**
     * What the target holds before anything is copied.
     *
     * @param exists whether there is a log.
     * @param startLsn where its recovery begins, or would.
     * @param fromLsn the first LSN that both should have.
     * @param lastLsn its last LSN, or the one before that with which it is to begin.
     * @param digest of what it has from the first LSN on that both should have.
     */
    private record Held(
            boolean exists, long startLsn, long fromLsn, long lastLsn, RecordDigest digest) {
        /** Where the source is to be read from; see {@link RecordDigest} for the LSN before. */
        long visitFromLsn() {
            return Math.max(1, Math.min(fromLsn - 1, lastLsn + 1));
        }
    }

    /**
     * Goes along the source: holds against the target what that has already, and carries over the
     * rest, record after record, up to the first damage.
     */
    private final class Carrier implements RecordVisitor, AutoCloseable {
        private final Held held;
        private final Progress progress;
        private final RecordDigest common;
        private RecordDigest carried;
        private CopyTarget copy;
        private Damage damage;
        private boolean damaged;
        private long lastLsn;

        /** When not 0, what lies before it was gone, and no checkpoint covers that so far. */
        private long uncoveredLsn;

        Carrier(final Held held, final Progress progress) {
            this.held = held;
            this.progress = progress;
            common = digest(held.fromLsn, progress);
            lastLsn = held.lastLsn;
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
            if (!kind.isEntry() && kind != RecordKind.FINALIZE) {
                return;
            }
            if (lsn <= held.lastLsn) {
                common.onRecord(segment, segmentOffset, lsn, kind, buffer, offset, length);
                return;
            }
            if (damaged) {
                return;
            }
            if (copy == null) {
                open(kind.isEntry() ? lsn : lsn + 1);
            }
            if (kind == RecordKind.FINALIZE) {
                finalizeCheckpoint(CopyTarget.startLsnOf(buffer, offset));
            } else {
                carry(lsn, kind, buffer, offset, length);
                carried.onRecord(segment, segmentOffset, lsn, kind, buffer, offset, length);
            }
        }

        @Override
        public void onDamage(final Damage found) {
            damaged = true;
            damage = damage == null ? found : damage;
            if (copy != null) {
                console.warn(ReportPrinter.line(found));
            }
        }

        /** A writer goes on from where it was, and so what was not found is gone. */
        void checkReached(final long endLsn) {
            if (lastLsn < endLsn) {
                throw released(lastLsn + 1, endLsn);
            }
        }

        /** Waits until all is durable, and closes the target. */
        void finish() {
            if (copy == null) {
                open(held.lastLsn + 1);
            }
            copy.finish();
        }

        @Override
        public void close() {
            if (copy != null) {
                copy.close();
            }
        }

        /** The target is written to from here on, and only if it is the begin of such a copy. */
        private void open(final long firstLsn) {
            checkCommon();
            if (firstLsn > held.lastLsn + 1) {
                if (held.exists) {
                    throw released(held.lastLsn + 1, firstLsn - 1);
                }
                uncoveredLsn = firstLsn;
                lastLsn = firstLsn - 1;
            }
            final boolean isLate = isCheckpointLate();
            copy =
                    new CopyTarget(
                            LogSession.openForAppending(
                                    console, to, settings.beginningAt(lastLsn + 1)));
            if (copy.openedLsn() != lastLsn) {
                throw new CopyException(
                        to
                                + " was changed meanwhile, and ends at LSN "
                                + copy.openedLsn()
                                + "; run it again");
            }
            if (isLate) {
                copy.finalizeCheckpoint(common.checkpointLsn());
            }
            carried = new RecordDigest(copy.openedLsn() + 1, lsn -> {});
        }

        private void checkCommon() {
            if (common.entries().equals(held.digest.entries())) {
                if (damage != null) {
                    console.warn(ReportPrinter.line(damage));
                }
                return;
            }
            if (damage != null) { // then it is not the target that is wrong
                throw corrupt(damage);
            }
            final long firstLsn = common.firstLsn();
            if (firstLsn == 0 || firstLsn > held.digest.firstLsn()) {
                throw new CopyException(
                        from + " released what " + to + " begins with meanwhile; run it again");
            }
            throw refusal(
                    "its entries from LSN "
                            + held.fromLsn
                            + " to "
                            + held.lastLsn
                            + " are not the same");
        }

        /**
         * Whether a checkpoint was finalized after its end was copied, behind more entries: a store
         * may need some time for it.
         */
        private boolean isCheckpointLate() {
            final long checkpointLsn = common.checkpointLsn();
            final boolean isThere =
                    checkpointLsn == held.digest.checkpointLsn()
                            && held.digest.endLsn() >= common.endLsn();
            if (checkpointLsn == 0 || isThere || checkpointLsn < held.startLsn) {
                return false;
            }
            if (held.digest.lastCheckpointEntryLsn() > common.endLsn()) {
                throw refusal(
                        "it has entries of a later checkpoint behind the one that ends at LSN "
                                + common.endLsn()
                                + ", which it lacks; remove it, and copy again");
            }
            return true;
        }

        private void finalizeCheckpoint(final long checkpointLsn) {
            copy.finalizeCheckpoint(checkpointLsn);
            if (checkpointLsn >= uncoveredLsn) {
                uncoveredLsn = 0;
            }
        }

        private void carry(
                final long lsn,
                final RecordKind kind,
                final DirectBuffer buffer,
                final int offset,
                final int length) {
            if (stopping) {
                throw new CopyException("interrupted; run it again to go on behind LSN " + lastLsn);
            }
            if (lsn != lastLsn + 1) {
                throw released(lastLsn + 1, lsn - 1);
            }
            copy.append(kind, buffer, offset, length);
            lastLsn = lsn;
            if ((lsn & PROGRESS_MASK) == 0) {
                progress.accept(lsn - held.fromLsn + 1, copy.byteCount());
            }
        }

        private CopyException released(final long firstLsn, final long lastReleasedLsn) {
            return new CopyException(
                    from
                            + " released LSN "
                            + firstLsn
                            + " to "
                            + lastReleasedLsn
                            + " meanwhile; "
                            + (held.exists || copy != null
                                    ? "remove " + to + ", and copy again"
                                    : "run it again"));
        }
    }
}
