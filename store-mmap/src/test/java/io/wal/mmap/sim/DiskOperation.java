package io.wal.mmap.sim;

/** What a {@link SimulatedDisk} is asked to do. */
public enum DiskOperation {
    /** A file is created. */
    CREATE(true),
    /** A directory is created. */
    CREATE_DIRECTORY(true),
    /** A file is renamed. */
    RENAME(true),
    /** A file or directory is deleted. */
    DELETE(true),
    /** A file is written to; not counted: stores through a mapping, which the disk does not see. */
    WRITE(true),
    /** A file is cut. */
    TRUNCATE(true),
    /** A file is forced. */
    FORCE(true),
    /** A range of a mapping is forced. */
    FORCE_MAPPING(true),
    /** The names in a directory are forced. */
    FORCE_DIRECTORY(true),
    /** A file is mapped for writing. */
    MAP(true),
    /** The lock of a directory is taken. */
    LOCK(true),
    /** An existing file is opened. */
    OPEN(false),
    /** A file is read. */
    READ(false),
    /** The length of a file is asked for. */
    LENGTH(false),
    /** A directory is listed. */
    LIST(false),
    /** It is asked whether there is a directory. */
    STAT(false);

    private final boolean writer;

    DiskOperation(final boolean writer) {
        this.writer = writer;
    }

    /**
     * Whether only a writer does this. These are the operations that {@link
     * SimulatedDisk#cutPowerAt} counts, and that something that only reads must not do.
     *
     * @return true for all but the last five.
     */
    public boolean isWriters() {
        return writer;
    }
}
