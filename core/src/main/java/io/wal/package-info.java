/**
 * A write-ahead log: begin with {@link io.wal.WriteAheadLog}.
 *
 * <pre>
 *  producers (any threads)            one log = one ring
 *                            +---------------------------------------------------------------+
 *  append, tryClaim -------> | ring buffer --> store: frames are written, a batch is forced, |
 *    LSN = slot + base       |                 and the durable LSN moves                     |
 *                            |      |                                                        |
 *                            |      +--> completions, gated on what the store acknowledged,  |
 *                            |           then the apply handler, if there is one             |
 *                            +---------------------------------------------------------------+
 * </pre>
 *
 * <p>The producer frames its entry in the slot, checksum included. The store's thread copies frames
 * to the medium and, when no more are waiting, makes them durable at one go. The completion thread
 * tells producers in LSN order. The stages are {@link io.wal.store.GroupCommitStore}, {@code
 * CompletionHandler} and {@code ApplyStage}.
 */
package io.wal;
