/**
 * A disk that loses power, fails and fills up on purpose, and the simulation that drives a store
 * over it. Published as a test-jar, so that you can crash-test what you build on the log:
 *
 * <pre>{@code
 * for (int round = 0; round < ROUND_COUNT; round++) {
 *     disk.cutPowerAt(1 + random.nextInt(100));
 *     try {
 *         takeOrders();
 *     } catch (final WalException | PowerLoss e) {
 *         // the power went off
 *     }
 *     disk.powerCut(random); // loses some of what was not forced, and boots again
 *     disk.clearFaults();
 * }
 * }</pre>
 *
 * <p>where {@code takeOrders} opens the log, with the {@link io.wal.mmap.sim.SimulatedDisk} as
 * {@code MmapStoreContext.disk}, small segments and no counters file, looks whether all that was
 * acknowledged is there, appends more, and closes the log whatever happens; {@code
 * CrashTestOfYourOwnTest} is the whole of it. What happens can be repeated, given the random
 * numbers, when one thread does it all ({@code MmapStoreContext.backgroundThread(false)}, and the
 * store driven by hand) and {@link io.wal.mmap.sim.SimulatedDisk#logIds} are not left to chance;
 * with the log's threads the power goes off at another place in each run.
 *
 * <p>The store itself is tested like this, each time with an oracle that knows what was promised:
 *
 * <ul>
 *   <li>{@code CrashSimulation}: one log with several producers, crashed and recovered again and
 *       again, all of it by seed, so that a seed does the same each time ({@code CrashReplayTest}).
 *       Each build runs fresh seeds and prints the first; {@code mvn test -Plong -pl store-mmap -am
 *       -Dtest=CrashSimulationTest -Dwal.sim.longRounds=2000000} runs longer, and {@code
 *       -Dwal.sim.seed=N} replays the seed that a failure names;
 *   <li>{@code CrashSweep}: a crash at each operation of a script, and at each operation of the
 *       recovery that follows;
 *   <li>{@code DamageSimulation} and {@code DamageCheck}: damage to what was acknowledged;
 *   <li>{@code RepairSimulation} and {@code RepairCheck}: repairs of what was damaged.
 * </ul>
 *
 * <p>That they find mistakes is shown in {@code io.wal.mmap.mutant}.
 */
package io.wal.mmap.sim;
