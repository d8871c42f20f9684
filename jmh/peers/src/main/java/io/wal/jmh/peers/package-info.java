/**
 * Other journals behind {@link io.wal.jmh.journal.JournalUnderTest}, each through its public API.
 * {@link io.wal.jmh.peers.Peers} names them; the class of each says how it is set up and what is
 * fair or unfair about that.
 */
package io.wal.jmh.peers;
