package io.wal.etcd;

import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What must be true of a log, whoever writes it: what was acknowledged is stored, exactly, in
 * order, without a hole; what a recovery delivered stays; nothing is delivered that nobody
 * appended; and what a deposed writer was told about its entries is so. Any thread.
 */
final class LogOracle {
    private final Map<Long, List<String>> appended = new HashMap<>();
    private final TreeMap<Long, String> settled = new TreeMap<>();
    private final Set<String> mayBeAbsent = new HashSet<>();
    private final List<Fenced> fenced = new ArrayList<>();
    private final Map<String, TreeMap<Long, String>> byWriter = new HashMap<>();
    private final Map<Long, Long> checkpoints = new HashMap<>();
    private final Map<String, Long> epochs = new HashMap<>();
    private final TreeMap<Long, Long> finalizedByEpoch = new TreeMap<>();
    private final Set<Long> recoveredFrom = new HashSet<>();
    private long ackCount;
    private int notFinalizedCount;
    private int recoveryCount;
    private int doubtCount;

    private record Fenced(String writer, long lastKeptLsn) {}

    /** An entry is given to a log. */
    synchronized void onAppend(final String writer, final long lsn, final String payload) {
        appended.computeIfAbsent(lsn, key -> new ArrayList<>()).add(payload);
        byWriter.computeIfAbsent(writer, key -> new TreeMap<>()).put(lsn, payload);
    }

    /** An entry of a checkpoint is given to a log: it counts when the checkpoint does. */
    synchronized void onCheckpointAppend(
            final String writer, final long lsn, final String payload) {
        mayBeAbsent.add(payload);
        onAppend(writer, lsn, payload);
    }

    /** A writer was told that its entries up to an LSN are durable. */
    synchronized void onDurable(final String writer, final long lsn) {
        for (final Map.Entry<Long, String> entry :
                byWriter.getOrDefault(writer, new TreeMap<>()).headMap(lsn, true).entrySet()) {
            settle(entry.getKey(), entry.getValue(), "acknowledged to " + writer);
            ackCount++;
        }
        byWriter.getOrDefault(writer, new TreeMap<>()).headMap(lsn, true).clear();
    }

    /**
     * A checkpoint is about to be finalized; it may count from now on, whether or not that is
     * known.
     */
    synchronized void onFinalize(final long startLsn) {
        checkpoints.merge(startLsn, 1L, Long::sum);
    }

    /** A writer was told that its checkpoint counts. */
    synchronized void onFinalized(final String writer, final long startLsn) {
        finalizedByEpoch.merge(epochs.get(writer), startLsn, Math::max);
    }

    /** A deposed writer was told that its checkpoint does not count. */
    synchronized void onNotFinalized(final String writer, final long startLsn) {
        notFinalizedCount++;
        if (checkpoints.merge(startLsn, -1L, Long::sum) == 0 && recoveredFrom.contains(startLsn)) {
            fail(
                    writer
                            + " was told that its checkpoint of LSN "
                            + startLsn
                            + " does not count, and it was recovered from");
        }
    }

    /** A writer was told that it was deposed. */
    synchronized void onFenced(final String writer, final long lastKeptLsn) {
        if (lastKeptLsn < 0) {
            doubtCount++;
            return;
        }
        fenced.add(new Fenced(writer, lastKeptLsn));
        for (final Map.Entry<Long, String> entry :
                byWriter.getOrDefault(writer, new TreeMap<>())
                        .headMap(lastKeptLsn, true)
                        .entrySet()) {
            settle(entry.getKey(), entry.getValue(), "told to " + writer + " as kept");
        }
    }

    /**
     * An opening found the log to reach from one LSN to another. That may be told late, when others
     * have opened it since: only what earlier epochs did must be there.
     */
    synchronized void onRecovered(
            final String writer, final long epoch, final long startLsn, final long lastLsn) {
        recoveryCount++;
        if (epochs.containsValue(epoch)) {
            fail(writer + " has epoch " + epoch + ", which another had");
        }
        epochs.put(writer, epoch);
        finalizedByEpoch
                .headMap(epoch)
                .values()
                .forEach(
                        finalizedLsn -> {
                            if (startLsn < finalizedLsn) {
                                fail(
                                        writer
                                                + " recovers from "
                                                + startLsn
                                                + " though a checkpoint of "
                                                + finalizedLsn
                                                + " counts");
                            }
                        });
        recoveredFrom.add(startLsn);
        if (startLsn > 1 && checkpoints.getOrDefault(startLsn, 0L) <= 0) {
            fail(writer + " recovers from " + startLsn + ", where no checkpoint began");
        }
        settled.tailMap(lastLsn, false)
                .forEach(
                        (lsn, payload) -> {
                            if (epochOf(payload) < epoch) {
                                fail(
                                        writer
                                                + " recovers up to "
                                                + lastLsn
                                                + " though LSN "
                                                + lsn
                                                + " is settled: "
                                                + payload);
                            }
                        });
    }

    /** A recovery or a reader delivered an entry. */
    synchronized void onDelivered(final String writer, final long lsn, final String payload) {
        if (!appended.getOrDefault(lsn, List.of()).contains(payload)) {
            fail(writer + " delivers LSN " + lsn + " that nobody appended: " + payload);
        }
        settle(lsn, payload, "delivered to " + writer);
    }

    /** The whole log, read in the end, when no checkpoint was ever finalized. */
    synchronized void onEnd(final Map<Long, String> log) {
        onEnd(1, log);
    }

    /**
     * The whole log, read in the end: what was settled and counts must be there, and what deposed
     * writers were told must be so.
     */
    synchronized void onEnd(final long startLsn, final Map<Long, String> log) {
        settled.tailMap(startLsn)
                .forEach(
                        (lsn, payload) -> {
                            if (!log.containsKey(lsn) && !mayBeAbsent.contains(payload)) {
                                fail("LSN " + lsn + " is missing in the end: " + payload);
                            }
                        });
        settled.forEach(
                (lsn, payload) -> {
                    if (log.containsKey(lsn) && !log.get(lsn).equals(payload)) {
                        fail(
                                "LSN "
                                        + lsn
                                        + " is "
                                        + log.get(lsn)
                                        + " in the end, and was "
                                        + payload);
                    }
                });
        for (final Fenced told : fenced) {
            byWriter.getOrDefault(told.writer(), new TreeMap<>())
                    .tailMap(told.lastKeptLsn(), false)
                    .forEach(
                            (lsn, payload) -> {
                                if (payload.equals(log.get(lsn))) {
                                    fail(
                                            "LSN "
                                                    + lsn
                                                    + " of "
                                                    + told.writer()
                                                    + " is in the log, though it was told that"
                                                    + " nothing above "
                                                    + told.lastKeptLsn()
                                                    + " is");
                                }
                            });
        }
    }

    synchronized long ackCount() {
        return ackCount;
    }

    synchronized int recoveryCount() {
        return recoveryCount;
    }

    /** Writers that were deposed and told what was kept. */
    synchronized int fencedCount() {
        return fenced.size();
    }

    /** Writers that were deposed and told that their checkpoint does not count. */
    synchronized int notFinalizedCount() {
        return notFinalizedCount;
    }

    /** Writers that were deposed and could not be told. */
    synchronized int doubtCount() {
        return doubtCount;
    }

    private long epochOf(final String payload) {
        return epochs.get(payload.substring(0, payload.indexOf(':')));
    }

    private void settle(final long lsn, final String payload, final String how) {
        final String before = settled.putIfAbsent(lsn, payload);
        if (before != null && !before.equals(payload)) {
            fail(
                    "LSN "
                            + lsn
                            + " is settled twice: "
                            + before
                            + ", and now, "
                            + how
                            + ": "
                            + payload);
        }
    }
}
