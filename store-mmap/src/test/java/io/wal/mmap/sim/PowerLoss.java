package io.wal.mmap.sim;

/**
 * The power went off during an operation. An error, so that nobody takes it for an answer of the
 * disk; every further operation throws it as well, until {@link SimulatedDisk#powerCut}.
 */
public final class PowerLoss extends Error {
    private static final long serialVersionUID = 1;

    PowerLoss() {
        super(
                "the power is off",
                null,
                false,
                false); // thrown thousands of times a second: no stack
    }
}
