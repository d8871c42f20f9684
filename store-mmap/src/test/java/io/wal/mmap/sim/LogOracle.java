package io.wal.mmap.sim;

import io.wal.EntryKind;
import io.wal.RecoveredLog;
import io.wal.WalException;
import io.wal.metrics.CommitMeter;
import io.wal.record.RecordKind;
import io.wal.store.CommitProgress;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;

/**
 * Knows what a log was given and what it promised, and so what it may deliver after a crash.
 *
 * <p>Between crashes it hears what the log reports, and notes whatever must not be; at each
 * recovery it compares what is delivered with what may be. The first violation is kept and thrown
 * by {@link #check()}: what is reported comes in the midst of a store that catches everything.
 */
final class LogOracle implements CommitProgress {
    /**
     * An entry that the log was given. The content follows from the id, which no other entry has.
     */
    private record Entry(RecordKind kind, long id, int length) {
        /** Whether it is due at every recovery, and its payload tells whose it is. */
        boolean isProducersOwn() {
            return kind == RecordKind.DATA && length >= Long.BYTES;
        }
    }

    /** What recovery goes by: where it begins, and up to where checkpoint entries count. */
    private record Start(long startLsn, long endLsn) {}

    private final TreeMap<Long, Entry> entries = new TreeMap<>();
    private final List<Start> possibleStarts = new ArrayList<>();
    private final long[] claimCounts = new long[ProducerProgress.MAX_PRODUCERS];
    private final ProducerProgress writtenProgress = new ProducerProgress();
    private final ProducerProgress durableProgress = new ProducerProgress();
    private final ProducerProgress dueProgress = new ProducerProgress();
    private final ProducerProgress deliveredProgress = new ProducerProgress();
    private final CommitMeter meter = CommitMeter.silent("a simulated log");
    private BooleanSupplier mayAcknowledge = () -> true;
    private long finalizedCount;
    private long lastLsn;
    private long writtenLsn;
    private long durableLsn;
    private long generation;
    private long ackedBeforeCrashLsn;
    private WalException failure;
    private String violation;

    private RecoveredLog recovered;
    private List<Start> matchingStarts;
    private long deliveredLsn;

    LogOracle() {
        possibleStarts.add(new Start(1, 0));
    }

    /**
     * What tells whether anything may be acknowledged: the machine is on, and no force has failed.
     */
    void mayAcknowledge(final BooleanSupplier tells) {
        mayAcknowledge = tells;
    }

    LogOracle copy() {
        final LogOracle copy = new LogOracle();
        copy.entries.putAll(entries);
        copy.possibleStarts.clear();
        copy.possibleStarts.addAll(possibleStarts);
        System.arraycopy(claimCounts, 0, copy.claimCounts, 0, claimCounts.length);
        copy.writtenProgress.set(writtenProgress);
        copy.durableProgress.set(durableProgress);
        copy.dueProgress.set(dueProgress);
        copy.lastLsn = lastLsn;
        copy.writtenLsn = writtenLsn;
        copy.durableLsn = durableLsn;
        copy.generation = generation;
        copy.ackedBeforeCrashLsn = ackedBeforeCrashLsn;
        copy.violation = violation;
        return copy;
    }

    /** Throws what was noted. */
    void check() {
        if (violation != null) {
            throw new AssertionError(violation);
        }
    }

    long lastLsn() {
        return lastLsn;
    }

    long durableLsn() {
        return durableLsn;
    }

    /** What must be there when the log is opened. */
    long ackedBeforeCrashLsn() {
        return ackedBeforeCrashLsn;
    }

    /** The least LSN that is certainly not released. */
    long startLsn() {
        return possibleStarts.stream().mapToLong(Start::startLsn).max().orElseThrow();
    }

    WalException failure() {
        return failure;
    }

    /** How many checkpoints were finalized. */
    long finalizedCount() {
        return finalizedCount;
    }

    /** A number that no entry had, for the next one of a producer. */
    long nextId(final int producer) {
        return ProducerProgress.id(producer, ++claimCounts[producer]);
    }

    /** Entries from now on differ from those of a copy of this that goes on as well. */
    void skipIds() {
        for (int producer = 0; producer < claimCounts.length; producer++) {
            claimCounts[producer] += 1L << 32;
        }
    }

    /** The first LSN that is known of. */
    long firstLsn() {
        return entries.isEmpty() ? lastLsn + 1 : entries.firstKey();
    }

    /** The store is given an entry. */
    void appended(final long lsn, final RecordKind kind, final long id, final int length) {
        lastLsn = lsn;
        entries.put(lsn, new Entry(kind, id, length));
    }

    /** The store is asked to finalize a checkpoint; from now on it may count or not. */
    void finalizeRequested(final long startLsn, final long endLsn) {
        possibleStarts.add(new Start(startLsn, endLsn));
    }

    /** The store answered that the checkpoint is finalized. */
    void finalized() {
        if (!mayAcknowledge.getAsBoolean() || failure != null) {
            violation("a checkpoint was finalized after the log had failed");
        }
        finalizedCount++;
        keep(List.of(possibleStarts.get(possibleStarts.size() - 1)));
    }

    @Override
    public void written(final long lsn) {
        reported("written", lsn, writtenLsn, writtenProgress);
        writtenLsn = lsn;
    }

    @Override
    public void durable(final long lsn) {
        reported("durable", lsn, durableLsn, durableProgress);
        durableLsn = lsn;
        if (lsn > writtenLsn) {
            writtenLsn = lsn;
            writtenProgress.set(durableProgress);
        }
    }

    @Override
    public void failed(final WalException cause) {
        if (failure != null) {
            violation("the log failed twice: " + failure + ", " + cause);
        }
        failure = cause;
    }

    @Override
    public void stalled(final WalException cause) {
        // nothing is promised
    }

    @Override
    public void wake() {
        // the driver looks often enough
    }

    /**
     * The process died.
     *
     * @param cacheLost whether what was not forced may be lost: the power went off as well.
     */
    void crashed(final boolean cacheLost) {
        ackedBeforeCrashLsn = cacheLost ? durableLsn : Math.max(writtenLsn, durableLsn);
        dueProgress.set(cacheLost ? durableProgress : writtenProgress);
        writtenLsn = ackedBeforeCrashLsn;
        writtenProgress.set(dueProgress);
        failure = null;
    }

    /** Counts what the store does. */
    @Override
    public CommitMeter meter() {
        return meter;
    }

    /** What was appended and acknowledged was damaged: expects just so much of it. */
    void damaged(final long atLeastLsn, final long atMostLsn) {
        ackedBeforeCrashLsn = atLeastLsn;
        lastLsn = atMostLsn;
        dueProgress.clear();
    }

    /**
     * Whether an entry is, to the byte, what was appended with its LSN, as far as that is known.
     */
    boolean isGenuine(
            final long lsn,
            final RecordKind kind,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        final Entry entry = entries.get(lsn);
        return lsn < firstLsn()
                || entry != null
                        && entry.kind() == kind
                        && (kind == RecordKind.VOID
                                || entry.length() == length
                                        && EntryContent.matches(
                                                buffer, offset, length, entry.id()));
    }

    /** The log was opened; nothing is taken for certain before it was replayed. */
    void opened(final RecoveredLog log) {
        recovered = log;
        if (log.lastLsn() < ackedBeforeCrashLsn) {
            violation("acknowledged up to LSN " + ackedBeforeCrashLsn + ", but recovered " + log);
        }
        if (log.lastLsn() > lastLsn) {
            violation("appended up to LSN " + lastLsn + ", but recovered " + log);
        }
        if (log.generation() <= generation) {
            violation("generation " + generation + " was used before, but recovered " + log);
        }
        generation = log.generation();
        matchingStarts = new ArrayList<>(possibleStarts);
        matchingStarts.removeIf(
                start -> start.startLsn() != log.startLsn() || start.endLsn() > log.lastLsn());
        if (matchingStarts.isEmpty()) {
            violation("recovery must begin as one of " + possibleStarts + ", but recovered " + log);
        }
        beginReplay();
    }

    void beginReplay() {
        deliveredLsn = recovered.startLsn() - 1;
        deliveredProgress.clear();
    }

    void delivered(
            final long lsn,
            final EntryKind kind,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        if (lsn <= deliveredLsn || lsn > recovered.lastLsn()) {
            violation("LSN " + lsn + " delivered after LSN " + deliveredLsn + " in " + recovered);
            return;
        }
        skipped(lsn);
        deliveredLsn = lsn;
        final Entry entry = entries.get(lsn);
        if (entry == null || !entry.kind().name().equals(kind.name())) {
            violation("LSN " + lsn + " delivered as " + kind + ", but it was " + entry);
            return;
        }
        checkContent(lsn, entry, buffer, offset, length);
        checkOrder(lsn, buffer, offset, length);
        if (kind == EntryKind.CHECKPOINT) {
            matchingStarts.removeIf(start -> start.endLsn() < lsn);
            checkStarts("checkpoint entry " + lsn + " delivered");
        }
    }

    /** Everything was delivered: from now on it is certain. */
    void replayed() {
        skipped(recovered.lastLsn() + 1);
        final int behind = deliveredProgress.behind(dueProgress, recovered.startLsn());
        if (behind >= 0) {
            violation(
                    "producer "
                            + behind
                            + " misses acknowledged entries: the last ones were "
                            + dueProgress
                            + ", and delivered were up to "
                            + deliveredProgress
                            + " in "
                            + recovered);
        }
        keep(new ArrayList<>(matchingStarts));
        entries.tailMap(recovered.lastLsn(), false).clear();
        lastLsn = recovered.lastLsn();
        writtenLsn = lastLsn;
        durableLsn = lastLsn;
        ackedBeforeCrashLsn = lastLsn;
        writtenProgress.set(deliveredProgress);
        durableProgress.set(deliveredProgress);
        dueProgress.set(deliveredProgress);
    }

    /** The log was closed without an error: everything it was given is durable. */
    void closed() {
        if (failure == null && durableLsn != lastLsn) {
            violation("closed with LSN " + durableLsn + " durable of " + lastLsn);
        }
    }

    /** A reader delivered an entry. */
    void read(
            final long lsn,
            final EntryKind kind,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        final Entry entry = entries.get(lsn);
        if (lsn > durableLsn || entry == null || !entry.kind().name().equals(kind.name())) {
            violation(
                    "read LSN "
                            + lsn
                            + " as "
                            + kind
                            + " with LSN "
                            + durableLsn
                            + " durable; it was "
                            + entry);
        } else {
            checkContent(lsn, entry, buffer, offset, length);
        }
    }

    /** Whether a reader must deliver an entry. */
    boolean isReadable(final long lsn) {
        return lsn <= durableLsn && entries.get(lsn).kind() != RecordKind.VOID;
    }

    void violation(final String what) {
        if (violation == null) {
            violation = what;
        }
    }

    private void reported(
            final String what, final long lsn, final long before, final ProducerProgress progress) {
        if (!mayAcknowledge.getAsBoolean() || failure != null) {
            violation("LSN " + lsn + " reported as " + what + " after the log had failed");
        }
        if (lsn < before || lsn > lastLsn) {
            violation(
                    "LSN "
                            + lsn
                            + " reported as "
                            + what
                            + " after LSN "
                            + before
                            + ", and appended up to "
                            + lastLsn);
            return;
        }
        for (long reported = before + 1; reported <= lsn; reported++) {
            final Entry entry = entries.get(reported);
            if (entry != null && entry.isProducersOwn() && !progress.add(entry.id(), reported)) {
                violation("LSN " + reported + " reported as " + what + " out of its turn");
            }
        }
    }

    /** Whose entry it is, and the how manieth, is told by the payload alone. */
    private void checkOrder(
            final long lsn, final DirectBuffer buffer, final int offset, final int length) {
        if (length >= Long.BYTES && !deliveredProgress.add(EntryContent.id(buffer, offset), lsn)) {
            violation(
                    "LSN "
                            + lsn
                            + " delivered, an entry that its producer had appended before others"
                            + " that were: "
                            + deliveredProgress);
        }
    }

    private void keep(final List<Start> starts) {
        possibleStarts.clear();
        possibleStarts.addAll(starts);
        final long least = starts.stream().mapToLong(Start::startLsn).min().orElse(1);
        entries.headMap(least).clear();
    }

    /** What lies between the last LSN delivered and the next one must not have been due. */
    private void skipped(final long nextLsn) {
        for (long lsn = deliveredLsn + 1; lsn < nextLsn; lsn++) {
            final Entry entry = entries.get(lsn);
            if (entry == null || entry.kind() == RecordKind.DATA) {
                violation("LSN " + lsn + " was not delivered in " + recovered + ": " + entry);
            } else if (entry.kind() == RecordKind.CHECKPOINT) {
                final long missed = lsn;
                matchingStarts.removeIf(start -> start.endLsn() >= missed);
                checkStarts("checkpoint entry " + lsn + " not delivered");
            }
        }
    }

    private void checkStarts(final String what) {
        if (matchingStarts.isEmpty()) {
            violation(
                    what
                            + " in "
                            + recovered
                            + ", and recovery was to begin as one of "
                            + possibleStarts);
        }
    }

    private void checkContent(
            final long lsn,
            final Entry entry,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        if (length != entry.length() || !EntryContent.matches(buffer, offset, length, entry.id())) {
            violation(
                    "LSN "
                            + lsn
                            + " has other content than it was appended with: "
                            + entry
                            + ", length "
                            + length);
        }
    }
}
