package io.wal.cli;

/**
 * What a command may ask of a store.
 *
 * @param createIfMissing whether the log is created when there is none.
 * @param segmentLength in bytes; 0 for the store's default.
 * @param direct whether files are written past the page cache.
 */
record StoreSettings(boolean createIfMissing, int segmentLength, boolean direct) {
    /** For a log that must be there. */
    static final StoreSettings EXISTING = new StoreSettings(false, 0, false);

    /** For a log that is created when there is none. */
    static final StoreSettings CREATING = new StoreSettings(true, 0, false);
}
