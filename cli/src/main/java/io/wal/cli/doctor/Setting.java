package io.wal.cli.doctor;

/**
 * A setting that is recommended.
 *
 * @param context the class that has it: MmapStoreContext or WalContext.
 * @param name of it.
 * @param value for a program: the name of a constant, or a number in bytes or milliseconds.
 * @param words the value for a person.
 * @param code the value in Java.
 * @param usual whether that is the default.
 * @param reason why.
 */
public record Setting(
        String context,
        String name,
        String value,
        String words,
        String code,
        boolean usual,
        String reason) {}
