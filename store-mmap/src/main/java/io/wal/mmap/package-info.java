/**
 * A log in memory-mapped segment files: {@link io.wal.mmap.MmapLogStore}.
 *
 * <p>Layouts: {@code SegmentDescriptor} (segment header) and {@code ControlDescriptor} (control
 * file); records are {@link io.wal.record.RecordDescriptor}'s. Writing: {@code SegmentWriter} on
 * the store's thread, {@code SegmentAllocator} behind it on a thread of its own. Reading: {@code
 * SegmentScanner} goes through one segment, {@code LogScan} through all of them, and {@code
 * RecoveryTable} decides what the end of a segment means. {@code Recovery} is what opening for
 * writing does. Readers never map a file: they cannot touch memory that is gone.
 */
package io.wal.mmap;
