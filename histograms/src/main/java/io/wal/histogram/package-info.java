/**
 * Latencies and sizes of a log in histograms: give a {@link io.wal.histogram.LogHistograms} to
 * {@link io.wal.WalContext#commitListener} and read it from any thread while the log runs.
 *
 * <p>A module of its own, so that the log needs no HdrHistogram.
 */
package io.wal.histogram;
