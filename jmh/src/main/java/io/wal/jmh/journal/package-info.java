/**
 * What is measured: {@link io.wal.jmh.journal.JournalUnderTest} and those that stand behind it.
 *
 * <p>Floors are a {@link io.wal.jmh.journal.Medium} under the plainest group commit, {@link
 * io.wal.jmh.journal.RingJournal}; {@link io.wal.jmh.journal.WalJournal} is our log; {@link
 * io.wal.jmh.journal.Journals} knows them all by name.
 */
package io.wal.jmh.journal;
