package io.wal;

/**
 * The log was written in a format version that this library does not know. It is left untouched.
 */
public final class UnsupportedFormatException extends WalException {
    private static final long serialVersionUID = 1;

    /** The version that was found. */
    private final int version;

    /**
     * Creates the exception.
     *
     * @param location file or key that says so.
     * @param version that was found.
     * @param supported newest version that this library reads.
     */
    public UnsupportedFormatException(
            final String location, final int version, final int supported) {
        super(
                location
                        + " has format version "
                        + version
                        + ", and this library reads up to version "
                        + supported
                        + "; use a newer library",
                null);
        this.version = version;
    }

    /**
     * The format version that was found.
     *
     * @return the version.
     */
    public int version() {
        return version;
    }
}
