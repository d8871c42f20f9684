package io.wal.etcd;

/**
 * How many copies may be sent on suspicion. A copy costs the cluster as much as the original, so
 * they must not feed an overload: a tenth of the traffic, and a few a second for when there is
 * hardly any. One thread at a time.
 */
final class HedgeBudget {
    private static final double PER_SENDING = 0.1;
    private static final double PER_SECOND = 16;
    private static final double MOST = 16;

    private double budget = MOST;
    private long refilledNs;

    HedgeBudget(final long nowNs) {
        refilledNs = nowNs;
    }

    void onSending() {
        budget = Math.min(MOST, budget + PER_SENDING);
    }

    boolean spend(final long nowNs) {
        budget = Math.min(MOST, budget + (nowNs - refilledNs) * PER_SECOND / 1e9);
        refilledNs = nowNs;
        if (budget < 1) {
            return false;
        }
        budget--;
        return true;
    }
}
