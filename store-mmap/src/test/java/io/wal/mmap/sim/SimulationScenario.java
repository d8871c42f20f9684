package io.wal.mmap.sim;

import io.wal.mmap.WriteMode;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;

/**
 * What can be done to a log of the store to see whether it keeps its promises. Each is determined
 * by the seed it is given, and ends with an {@link AssertionError} when a promise is broken.
 */
public enum SimulationScenario implements LongConsumer {
    /** Crashes and recovers one log again and again, with failing operations and full disks. */
    CRASHES {
        @Override
        public void accept(final long seed) {
            CrashSimulation.run(
                    seed,
                    CrashSimulation.ROUNDS_PER_SEED,
                    UnaryOperator.identity(),
                    new SimulationTally());
        }
    },
    /** Cuts a script, and the recovery that follows, at each of their operations. */
    SWEEP {
        @Override
        public void accept(final long seed) {
            CrashSweep.run(seed, WriteMode.MAPPED, 2);
        }
    },
    /** Damages what was acknowledged. */
    DAMAGE {
        @Override
        public void accept(final long seed) {
            DamageSimulation.run(seed);
        }
    },
    /** Damages a log, and repairs it. */
    REPAIR {
        @Override
        public void accept(final long seed) {
            RepairSimulation.run(seed);
        }
    }
}
