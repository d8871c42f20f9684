/**
 * A disk that loses power, fails and fills up on purpose, and the simulation that drives a store
 * over it.
 *
 * <p>Start with {@link io.wal.mmap.sim.SimulatedDisk}: hand it to a store in place of the real
 * disk, use the log, pull the plug, open the log again, and look at what is there. Published as a
 * test-jar, so that users can crash-test their own use of the log. {@link
 * io.wal.mmap.sim.CrashSimulation} does so with the store itself, checked by a {@link
 * io.wal.mmap.sim.LogOracle}.
 */
package io.wal.mmap.sim;
