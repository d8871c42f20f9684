package io.wal.cli.doctor;

/**
 * Something that was looked at.
 *
 * @param name of it.
 * @param verdict what to think of it.
 * @param text what was found, and what follows.
 */
public record Check(String name, Verdict verdict, String text) {
    /** What to think of something. */
    public enum Verdict {
        /** As it should be. */
        OK,
        /** Worth knowing. */
        NOTE,
        /** Acknowledged entries may be lost, or the log may not work. */
        WARNING
    }
}
