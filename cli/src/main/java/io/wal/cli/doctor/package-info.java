/**
 * Examines a place for a log: what its file system and device are, how long forces take there, and
 * which settings follow from that. Start with {@link io.wal.cli.doctor.Examination}, which
 * measures; {@link io.wal.cli.doctor.Checks} and {@link io.wal.cli.doctor.Advice} only think. One
 * thread.
 */
package io.wal.cli.doctor;
