package io.wal.cli;

/**
 * What a command may ask of a store.
 *
 * @param createIfMissing whether the log is created when there is none.
 * @param segmentLength in bytes; 0 for the store's default.
 * @param direct whether files are written past the page cache.
 * @param firstLsn LSN of the first entry of a log that is created.
 */
record StoreSettings(boolean createIfMissing, int segmentLength, boolean direct, long firstLsn) {
    /** For a log that must be there. */
    static final StoreSettings EXISTING = new StoreSettings(false, 0, false, 1);

    /** For a log that is created when there is none. */
    static final StoreSettings CREATING = new StoreSettings(true, 0, false, 1);

    /** The same, for a log whose first entry has another LSN. */
    StoreSettings beginningAt(final long lsn) {
        return new StoreSettings(createIfMissing, segmentLength, direct, lsn);
    }
}
