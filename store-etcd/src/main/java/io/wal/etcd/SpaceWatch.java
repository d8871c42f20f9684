package io.wal.etcd;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Warns before the cluster runs out of space, for then it refuses everything that would store
 * something.
 */
final class SpaceWatch {
    private static final long INTERVAL_NS = TimeUnit.MINUTES.toNanos(1);
    private static final int WARN_PERCENT = 75;
    private static final int QUIET_PERCENT = 70;

    private final EtcdKv kv;
    private final Timing timing;
    private final long quota;
    private final Consumer<String> warningHandler;
    private final String location;
    private boolean warned;

    SpaceWatch(final EtcdKv kv, final Timing timing, final EtcdStoreContext context) {
        this.kv = kv;
        this.timing = timing;
        quota = context.quota();
        warningHandler = context::warn;
        location = context.location();
    }

    /** Looks now and once a minute; does nothing when the quota is not known. */
    void begin() {
        if (quota > 0) {
            look();
        }
    }

    private void look() {
        kv.space()
                .whenComplete(
                        (space, failure) -> {
                            if (failure == null) {
                                judge(space);
                            }
                            timing.schedule(INTERVAL_NS, this::look);
                        });
    }

    private synchronized void judge(final KvSpace space) {
        final long percent = space.length() * 100 / quota;
        if (percent >= WARN_PERCENT && !warned) {
            warned = true;
            warningHandler.accept(
                    "the store of "
                            + location
                            + " takes "
                            + space.length()
                            + " of "
                            + quota
                            + " bytes ("
                            + percent
                            + " %), "
                            + space.lengthInUse()
                            + " in use; at 100 % appends fail: finalize a checkpoint, compact and defragment, or raise the"
                            + " quota");
        } else if (percent < QUIET_PERCENT) {
            warned = false;
        }
    }
}
