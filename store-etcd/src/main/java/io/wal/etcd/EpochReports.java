package io.wal.etcd;

import io.wal.inspect.SegmentReport;
import java.util.ArrayList;
import java.util.List;

/** Gathers what is known of each epoch: batches are too many to report one by one. */
final class EpochReports {
    private final LogState state;
    private final List<Tally> epochs = new ArrayList<>();

    private static final class Tally {
        private final long number;
        private final long firstLsn;
        private long lastLsn;
        private long length;

        Tally(final long number, final long firstLsn) {
            this.number = number;
            this.firstLsn = firstLsn;
            lastLsn = firstLsn - 1;
        }
    }

    EpochReports(final LogState state) {
        this.state = state;
        state.epochStarts()
                .forEach(start -> epochs.add(new Tally(start.epoch(), start.firstLsn())));
    }

    /** Adds a batch; they come in their order. */
    void add(final BatchView view) {
        int i = epochs.size() - 1;
        while (i >= 0 && epochs.get(i).number > view.epoch()) {
            i--;
        }
        if (i < 0 || epochs.get(i).number != view.epoch()) {
            epochs.add(++i, new Tally(view.epoch(), view.firstLsn())); // its record is forgotten
        }
        epochs.get(i).lastLsn = view.lastLsn();
        epochs.get(i).length += view.length();
    }

    List<SegmentReport> segments(final KeyLayout keys) {
        final List<SegmentReport> segments = new ArrayList<>();
        for (final Tally epoch : epochs) {
            segments.add(
                    new SegmentReport(
                            keys.epochStart(epoch.number),
                            epoch.length,
                            epoch.number,
                            epoch.firstLsn,
                            epoch.lastLsn,
                            stateOf(epoch)));
        }
        return segments;
    }

    private String stateOf(final Tally epoch) {
        if (epoch != epochs.get(epochs.size() - 1)) {
            return "sealed";
        }
        return state.closed() == null ? "active" : "closed";
    }
}
