package io.wal.cli;

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
 * One copy of a log: looks at both places, carries over what the target lacks, and holds the two
 * against each other.
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
        } finally {
            ended.countDown();
            if (!stopping) {
                Runtime.getRuntime().removeShutdownHook(hook);
            }
        }
    }

    private int copy(final LogInspector source, final LogInspector target) {
        final long startNs = System.nanoTime();
        final LogReport original = source.info();
        final LogReport held = infoOf(target);
        // a writer beside us may have written more than will survive
        final long limitLsn = original.owner() == null ? Long.MAX_VALUE : original.durableLsn();
        if (held != null) {
            check(source, original, target, held);
        }
        final Carrier carrier;
        final LogReport seen;
        try (CopyTarget copy = open(original);
                Progress progress =
                        new Progress(console, "copy", original.lastLsn() - copy.lastLsn(), false)) {
            carrier = new Carrier(copy, progress);
            seen =
                    source.visit(
                            copy.isEmpty() ? copy.lastLsn() + 1 : copy.lastLsn(),
                            limitLsn,
                            carrier);
            copy.finish();
        }
        final double seconds = (System.nanoTime() - startNs) / 1e9;
        if (!carrier.damaged && original.owner() == null) {
            checkEnd(seen, carrier.lastLsn());
        }
        compare(source, target, seen, carrier);
        console.say(summary(carrier, original, seconds));
        if (!carrier.damaged) {
            return ExitCode.SOUND;
        }
        console.warn(
                from + " is damaged; " + to + " holds what lies before the damage, and no more");
        return ExitCode.DAMAGE;
    }

    private static LogReport infoOf(final LogInspector target) {
        try {
            return target.info();
        } catch (final LogNotFoundException e) {
            return null;
        }
    }

    /** Looks, before anything is touched, whether the target is the begin of such a copy. */
    private void check(
            final LogInspector source,
            final LogReport original,
            final LogInspector target,
            final LogReport held) {
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
        final long commonLsn = Math.max(firstLsn, Math.max(held.firstLsn(), original.startLsn()));
        if (held.firstLsn() != 0 && held.lastLsn() >= commonLsn) {
            final RecordDigest expected = entriesOf(source, commonLsn, held.lastLsn());
            final RecordDigest actual = entriesOf(target, commonLsn, held.lastLsn());
            if (!expected.result().equals(actual.result())) {
                expected.throwDamage(); // then it is not the target that is wrong
                throw refusal(
                        "its entries from LSN "
                                + commonLsn
                                + " to "
                                + held.lastLsn()
                                + " are not the same");
            }
        }
    }

    /** The entries alone: a checkpoint may have been finalized since. */
    private static RecordDigest entriesOf(
            final LogInspector log, final long fromLsn, final long toLsn) {
        final RecordDigest digest = new RecordDigest(Long.MAX_VALUE, done -> {});
        log.visit(fromLsn, toLsn, digest);
        return digest;
    }

    private CopyTarget open(final LogReport original) {
        return new CopyTarget(
                LogSession.openForAppending(
                        console, to, settings.beginningAt(Math.max(1, original.startLsn()))));
    }

    private void checkEnd(final LogReport seen, final long lastLsn) {
        if (seen.lastLsn() != lastLsn) {
            throw new CopyException(
                    from
                            + " ends at LSN "
                            + seen.lastLsn()
                            + ", and was copied up to LSN "
                            + lastLsn
                            + " only; run it again");
        }
    }

    private void compare(
            final LogInspector source,
            final LogInspector target,
            final LogReport seen,
            final Carrier carrier) {
        final long lastLsn = carrier.lastLsn();
        final LogReport copied = target.info();
        final long startLsn = Math.max(copied.startLsn(), carrier.startLsn);
        try (Progress progress =
                new Progress(console, "compare", 2 * (lastLsn - startLsn + 1), false)) {
            final RecordDigest expected =
                    new RecordDigest(startLsn, lsn -> progress.accept(lsn - startLsn, 0));
            source.visit(startLsn, lastLsn, expected);
            final RecordDigest actual =
                    new RecordDigest(
                            startLsn, lsn -> progress.accept(lastLsn + lsn - 2 * startLsn, 0));
            final LogReport found = target.visit(startLsn, lastLsn, actual);
            if (!expected.result().equals(actual.result())
                    || found.lastLsn() != lastLsn
                    || !carrier.damaged
                            && seen.owner() == null
                            && seen.startLsn() != found.startLsn()) {
                expected.throwDamage();
                throw new CopyException(
                        to
                                + " does not deliver what "
                                + from
                                + " does, LSN "
                                + startLsn
                                + " to "
                                + lastLsn
                                + "; look at both with wal verify before one of them is removed");
            }
        }
    }

    private String summary(final Carrier carrier, final LogReport original, final double seconds) {
        final CopyTarget copy = carrier.copy;
        final long lastLsn = carrier.lastLsn();
        final long firstLsn = lastLsn - copy.entryCount() + 1;
        if (json) {
            return new JsonWriter()
                    .beginObject()
                    .field("entries", copy.entryCount())
                    .field("firstLsn", copy.entryCount() == 0 ? 0 : firstLsn)
                    .field("lastLsn", lastLsn)
                    .field("bytes", copy.byteCount())
                    .field("seconds", seconds)
                    .endObject()
                    .take();
        }
        return "copied "
                + Quantity.entries(copy.entryCount())
                + ", "
                + Quantity.lsnRange(firstLsn, lastLsn)
                + ", "
                + Quantity.of(copy.byteCount(), "byte", "bytes")
                + ", "
                + Quantity.seconds(seconds)
                + "; "
                + to
                + " delivers exactly what "
                + from
                + " does"
                + (carrier.damaged ? " before its damage" : "")
                + (original.owner() == null ? "" : ", whose writer goes on");
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

    /** What was copied stays, and the next run goes on from there. */
    private void terminate() {
        stopping = true;
        try {
            ended.await(FAREWELL_S, TimeUnit.SECONDS);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Carries over record after record, up to the first damage. */
    private final class Carrier implements RecordVisitor {
        private final CopyTarget copy;
        private final Progress progress;
        private final long openedLsn;
        private final long startLsn;
        private long copiedLsn;
        private boolean damaged;

        Carrier(final CopyTarget copy, final Progress progress) {
            this.copy = copy;
            this.progress = progress;
            openedLsn = copy.lastLsn();
            copiedLsn = openedLsn;
            startLsn = copy.startLsn();
        }

        long lastLsn() {
            return copiedLsn;
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
            if (damaged) {
                return;
            }
            if (stopping) {
                throw new CopyException(
                        "interrupted; run it again to go on behind LSN " + copiedLsn);
            }
            if (kind == RecordKind.FINALIZE) {
                copy.finalizeCheckpoint(lsn, CopyTarget.startLsnOf(buffer, offset));
            } else if (kind.isEntry()) {
                carry(lsn, kind, buffer, offset, length);
            }
        }

        @Override
        public void onDamage(final Damage damage) {
            damaged = true;
            console.warn(ReportPrinter.line(damage));
        }

        private void carry(
                final long lsn,
                final RecordKind kind,
                final DirectBuffer buffer,
                final int offset,
                final int length) {
            if (lsn == openedLsn) {
                if (!copy.endsWith(lsn, kind, buffer, offset, length)) {
                    throw refusal("its LSN " + lsn + " is another entry");
                }
                return;
            }
            if (lsn != copiedLsn + 1) {
                throw new CopyException(
                        from
                                + " released LSN "
                                + (copiedLsn + 1)
                                + " to "
                                + (lsn - 1)
                                + " meanwhile; remove "
                                + to
                                + ", and copy again");
            }
            copy.append(kind, buffer, offset, length);
            copiedLsn = lsn;
            if ((lsn & PROGRESS_MASK) == 0) {
                progress.accept(lsn - openedLsn, copy.byteCount());
            }
        }
    }
}
