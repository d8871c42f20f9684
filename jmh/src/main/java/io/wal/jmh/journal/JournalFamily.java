package io.wal.jmh.journal;

import java.util.List;

/** Journals from elsewhere, found by {@link java.util.ServiceLoader}. */
public interface JournalFamily {
    /**
     * The journals that can run here.
     *
     * @return their descriptors.
     */
    List<JournalDescriptor> journals();
}
