package io.wal.mmap.sim;

import java.util.random.RandomGenerator;

/** How likely each of many things is in one power cut: never, always, half, or anything between. */
final class Chance {
    private Chance() {}

    static double draw(final RandomGenerator random) {
        return switch (random.nextInt(6)) {
            case 0 -> 0;
            case 1 -> 1;
            case 2, 3 -> 0.5;
            default -> random.nextDouble();
        };
    }
}
