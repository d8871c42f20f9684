/**
 * The seam between the log and what keeps its records.
 *
 * <p>A {@link io.wal.store.LogStore} is the first event handler on the log's ring. {@link
 * io.wal.store.GroupCommitStore} is the group commit that all stores share: begin there. {@link
 * io.wal.store.AppendEvent} is a slot of the ring, and {@link io.wal.store.CommitProgress} is how a
 * store says what is durable.
 */
package io.wal.store;
