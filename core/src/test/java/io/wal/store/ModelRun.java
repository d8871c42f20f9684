package io.wal.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.AppendClaim;
import io.wal.Checkpoint;
import io.wal.Durability;
import io.wal.EntryKind;
import io.wal.WriteAheadLog;
import io.wal.store.LogHarness.Entry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Does the same random operations to a log and to a model of it. */
final class ModelRun {
    private static final int LONGEST_HISTORY = 60;

    private final LogHarness harness;
    private final SplittableRandom random;
    private final Deque<String> history = new ArrayDeque<>();
    private final AppendClaim claim = new AppendClaim();

    // The model: what was appended since the last finalized checkpoint, and where that spans.
    private final TreeMap<Long, Entry> entries = new TreeMap<>();
    private long startLsn = 1;
    private long finalizedLsn;
    private long lastLsn;
    private Checkpoint checkpoint;

    ModelRun(final LogHarness harness, final long seed) {
        this.harness = harness;
        random = new SplittableRandom(seed);
    }

    /** The last operations. */
    String history() {
        return String.join("\n", history);
    }

    void run(final int operations) {
        harness.open();
        for (int i = 0; i < operations; i++) {
            step(random.nextInt(1000));
            assertThat(harness.log().lastLsn()).isEqualTo(lastLsn);
        }
        reopen(false);
    }

    private void step(final int dice) {
        if (dice < 550) {
            append();
        } else if (dice < 620) {
            claim(dice % 3 == 0);
        } else if (dice < 650) {
            note("flush");
            assertThat(harness.log().flush()).isEqualTo(lastLsn);
        } else if (dice < 850) {
            checkpoint(dice % 10);
        } else if (dice < 900) {
            read();
        } else if (dice < 950) {
            reopen(dice % 2 == 0 && harness.contract().canCrash());
        } else if (dice < 953) {
            remove();
        }
    }

    private void append() {
        final Durability durability =
                random.nextInt(3) == 0 ? Durability.WRITTEN : Durability.FORCED;
        final int length = length();
        note("append " + length + " " + durability);
        added(harness.append(length, durability));
    }

    private void claim(final boolean abort) {
        final int length = length();
        note((abort ? "abort " : "claim ") + length);
        final Entry entry = harness.next(EntryKind.DATA, length);
        Eventually.isTrue( // slots of acknowledged entries are let go of a moment later
                "there is space in the queue",
                () ->
                        harness.log().tryClaim(length, Durability.FORCED, null, claim)
                                != WriteAheadLog.BACK_PRESSURED);
        assertThat(claim.lsn()).isEqualTo(entry.lsn());
        if (abort) {
            claim.abort();
            lastLsn++;
        } else {
            claim.buffer().putBytes(claim.offset(), entry.payload(), 0, length);
            claim.commit();
            added(entry);
        }
    }

    private void checkpoint(final int dice) {
        if (checkpoint == null) {
            note("start checkpoint");
            checkpoint = harness.log().startCheckpoint();
            assertThat(checkpoint.startLsn()).isEqualTo(lastLsn + 1);
        } else if (dice < 7) {
            final int length = length();
            note("checkpoint entry " + length);
            final Entry entry = harness.next(EntryKind.CHECKPOINT, length);
            assertThat(checkpoint.append(LogHarness.wrap(entry), 0, length)).isEqualTo(entry.lsn());
            added(entry);
        } else if (dice < 9) {
            note("finalize checkpoint");
            checkpoint.finalizeCheckpoint();
            startLsn = checkpoint.startLsn();
            finalizedLsn = lastLsn;
            entries.headMap(startLsn).clear();
            checkpoint = null;
        } else {
            note("discard checkpoint");
            checkpoint.discard();
            checkpoint = null;
        }
    }

    private void read() {
        if (startLsn <= lastLsn) {
            final long from = random.nextLong(startLsn, lastLsn + 1);
            note("read from " + from);
            harness.log().flush();
            assertThat(harness.read(from, lastLsn))
                    .isEqualTo(new ArrayList<>(entries.tailMap(from).values()));
        }
    }

    private void reopen(final boolean crash) {
        note(crash ? "crash" : "reopen");
        if (crash) {
            harness.crashAndReopen();
        } else {
            harness.reopen();
        }
        checkpoint = null;
        assertThat(harness.recovered()).isEqualTo(delivered());
        assertThat(harness.log().lastLsn()).isEqualTo(lastLsn);
    }

    private void remove() {
        note("remove");
        harness.removeLog();
        harness.open();
        entries.clear();
        startLsn = 1;
        finalizedLsn = 0;
        lastLsn = 0;
        checkpoint = null;
    }

    private List<Entry> delivered() {
        return entries.values().stream()
                .filter(entry -> entry.kind() == EntryKind.DATA || entry.lsn() <= finalizedLsn)
                .toList();
    }

    private void added(final Entry entry) {
        entries.put(entry.lsn(), entry);
        lastLsn = entry.lsn();
    }

    private int length() {
        final int most = random.nextInt(20) == 0 ? 5000 : 300;
        return random.nextInt(most);
    }

    private void note(final String operation) {
        history.add((lastLsn + 1) + ": " + operation);
        if (history.size() > LONGEST_HISTORY) {
            history.remove();
        }
    }
}
