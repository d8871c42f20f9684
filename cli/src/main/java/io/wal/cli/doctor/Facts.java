package io.wal.cli.doctor;

/**
 * What was learned of a place without measuring forces.
 *
 * @param mount that it is on.
 * @param device of the mount; null when it has none or it cannot be told.
 * @param usableSpace in bytes.
 * @param preparedLength length of a file that was prepared as segments are, in bytes.
 * @param allocatedLength what it occupies, in bytes; negative when it cannot be told.
 * @param preparedBytesPerSecond how fast it was prepared.
 * @param directRefusal why nothing can be written past the page cache; null when it can.
 * @param processorCount of the JVM.
 * @param javaFeature version of Java, such as 17.
 */
public record Facts(
        Mount mount,
        Device device,
        long usableSpace,
        long preparedLength,
        long allocatedLength,
        double preparedBytesPerSecond,
        String directRefusal,
        int processorCount,
        int javaFeature) {}
