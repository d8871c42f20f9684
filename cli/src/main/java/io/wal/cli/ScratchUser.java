package io.wal.cli;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * The process that works in a place for scratch, and must not outlive the place: one at a time, and
 * none any more when the end has begun. Any thread.
 */
final class ScratchUser {
    private Process process;
    private volatile boolean ended;

    /** Starts one; fails when the end has begun. */
    synchronized Process start(final ProcessBuilder builder) throws IOException {
        if (ended) {
            throw new IOException("this process ends");
        }
        process = builder.start();
        return process;
    }

    /** Whether the end has begun. */
    boolean hasEnded() {
        return ended;
    }

    /** Begins the end: kills what there is. */
    synchronized void end() throws InterruptedException {
        ended = true;
        if (process != null) {
            process.toHandle().destroyForcibly();
            process.waitFor(1, TimeUnit.SECONDS);
        }
    }
}
