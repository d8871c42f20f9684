package io.wal.jmh.load;

import java.time.Duration;

/**
 * How long and how much.
 *
 * @param warmup before anything counts.
 * @param measured that counts.
 * @param count appends of each producer instead of the two durations, without warm-up; 0 for none.
 *     Only where producers wait for each acknowledgement.
 * @param rate entries a second where the load has a constant rate.
 * @param trimLength bytes of payload after which the journal is asked to let go of what it holds.
 * @param replayCount entries that are replayed.
 */
public record LoadSettings(
        Duration warmup,
        Duration measured,
        long count,
        double rate,
        long trimLength,
        long replayCount) {}
