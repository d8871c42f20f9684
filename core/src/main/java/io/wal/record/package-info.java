/**
 * The record: the framed bytes of one entry or marker, the same on every medium.
 *
 * <p>Start with {@link io.wal.record.RecordDescriptor}, which owns the layout; {@link
 * io.wal.record.MarkerDescriptor} owns the payloads of the records the log writes for itself. The
 * classes here hold no state and may be called from any thread, save {@link
 * io.wal.record.RecordChecksum}, which has one owner at a time.
 */
package io.wal.record;
