package io.wal.jmh.journal;

import io.wal.jmh.journal.JournalDescriptor.Kind;
import io.wal.mmap.WriteMode;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/**
 * All journals that can be run: the floors, ours, and the peers when they are on the class path.
 */
public final class Journals {
    /** Name of the floor with positional writes. */
    public static final String FLOOR_POSITIONAL = "floor-positional";

    /** Name of the floor with direct writes. */
    public static final String FLOOR_DIRECT = "floor-direct";

    /** Name of the floor with a mapping. */
    public static final String FLOOR_MAPPED = "floor-mapped";

    /** Name of the floor for replay: CRC32C over the bytes, and nothing else. */
    public static final String FLOOR_SCAN = "floor-scan";

    private Journals() {}

    /**
     * Every journal there is.
     *
     * @return floors first, then ours, then peers.
     */
    public static List<JournalDescriptor> all() {
        final List<JournalDescriptor> all = new ArrayList<>(ours());
        for (final JournalFamily family : ServiceLoader.load(JournalFamily.class)) {
            all.addAll(family.journals());
        }
        return all;
    }

    /**
     * The journals of this module: floors and our log.
     *
     * @return their descriptors.
     */
    public static List<JournalDescriptor> ours() {
        final List<JournalDescriptor> all = new ArrayList<>();
        all.add(
                floor(
                        FLOOR_DIRECT,
                        "O_DIRECT|O_DSYNC write",
                        settings -> grouped(new DirectMedium(settings), settings)));
        all.add(
                floor(
                        FLOOR_POSITIONAL,
                        "write, fdatasync",
                        settings -> grouped(new PositionalMedium(settings), settings)));
        all.add(
                floor(
                        FLOOR_MAPPED,
                        "msync of the range",
                        settings -> grouped(new MappedMedium(settings), settings)));
        all.add(
                floor(
                        FLOOR_SCAN,
                        "write, fdatasync",
                        settings -> grouped(new ScanMedium(settings), settings)));
        for (final WriteMode mode : WriteMode.values()) {
            all.add(WalJournal.descriptor(mode));
        }
        return all;
    }

    /**
     * A journal by name.
     *
     * @param name of it.
     * @return its descriptor.
     * @throws IllegalArgumentException when there is none.
     */
    public static JournalDescriptor named(final String name) {
        return all().stream()
                .filter(descriptor -> descriptor.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "there is no journal named "
                                                + name
                                                + "; there are "
                                                + all().stream()
                                                        .map(JournalDescriptor::name)
                                                        .toList()));
    }

    /**
     * A journal over a medium that one thread writes and forces. A single producer that waits for
     * each acknowledgement is that thread; otherwise the producers hand over to one by a ring.
     *
     * @param medium to write to.
     * @param settings of the load.
     * @return the journal.
     */
    public static JournalUnderTest grouped(final Medium medium, final JournalSettings settings) {
        return settings.outstanding() == 1
                ? new CallerJournal(medium, settings)
                : new RingJournal(medium, settings);
    }

    private static JournalDescriptor floor(
            final String name,
            final String forceMode,
            final java.util.function.Function<JournalSettings, JournalUnderTest> factory) {
        return new JournalDescriptor(name, Kind.FLOOR, name, forceMode, List.of(), factory);
    }
}
