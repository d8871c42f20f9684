package io.wal;

import org.agrona.MutableDirectBuffer;

/**
 * Agrona needs one JVM flag; this finds out whether it was given, before the first use of a buffer
 * fails obscurely.
 */
public final class AgronaAccess {
    private static final String PACKAGE = "java.base/jdk.internal.misc";

    private AgronaAccess() {}

    /**
     * Does nothing when the flag was given.
     *
     * @throws IllegalStateException with the exact flag when it is missing.
     */
    public static void check() {
        final Module agrona = MutableDirectBuffer.class.getModule();
        final Module base = Object.class.getModule();
        if (!base.isExported("jdk.internal.misc", agrona)) {
            throw new IllegalStateException(
                    "the JVM must be started with this option, which Agrona needs: --add-exports "
                            + PACKAGE
                            + "="
                            + (agrona.isNamed() ? agrona.getName() : "ALL-UNNAMED"));
        }
    }
}
