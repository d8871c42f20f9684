package io.wal.etcd;

/**
 * Who may write. Changing this record is taking over; the mod revision of its key is the fence.
 *
 * @param number of the epoch, from 1.
 * @param incarnation a name that no other opening has, so that an opener whose transaction was not
 *     answered finds out whether it won.
 */
record Epoch(long number, String incarnation) {
    /** The epoch before any: nobody has written yet. */
    static final Epoch NONE = new Epoch(0, "");

    static Epoch of(final KvEntry entry) {
        if (entry == null) {
            return NONE;
        }
        final Facts facts = Facts.of(entry);
        return new Epoch(facts.number("epoch"), facts.text("incarnation"));
    }

    byte[] encode() {
        return Facts.empty().with("epoch", number).with("incarnation", incarnation).encode();
    }
}
