/**
 * What a log tells about itself while it runs: counters, and reports to a listener.
 *
 * <p>{@link io.wal.metrics.CommitMeter} is where a log and its store take note; {@link
 * io.wal.metrics.LogCounter} lists what is counted, always; {@link io.wal.metrics.CommitListener}
 * is for those who want times, which are only taken when somebody listens. All of it happens on the
 * threads that commit and acknowledge, and allocates nothing.
 */
package io.wal.metrics;
