package io.wal.jmh.peers;

import io.wal.jmh.journal.JournalDescriptor;
import io.wal.jmh.journal.JournalDescriptor.Kind;
import io.wal.jmh.journal.JournalFamily;
import io.wal.jmh.journal.JournalSettings;
import io.wal.jmh.journal.JournalUnderTest;
import io.wal.jmh.journal.Journals;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The peers that can run here. */
public final class Peers implements JournalFamily {
    private static final List<String> OPENED =
            List.of(
                    "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
                    "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
                    "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                    "--add-opens=java.base/java.io=ALL-UNNAMED",
                    "--add-opens=java.base/java.lang=ALL-UNNAMED",
                    "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
                    "--add-opens=java.base/java.nio=ALL-UNNAMED",
                    "--add-opens=java.base/java.util=ALL-UNNAMED",
                    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                    "-Dchronicle.analytics.disable=true",
                    "-Ddisable.thread.safety=true",
                    "-Djava.library.path=" + System.getProperty("java.library.path", ""));

    /** For the service loader. */
    public Peers() {}

    @Override
    public List<JournalDescriptor> journals() {
        final List<JournalDescriptor> peers = new ArrayList<>();
        peers.add(
                peer(
                        "aeron-archive",
                        Journals.FLOOR_POSITIONAL,
                        "write, fdatasync",
                        AeronJournal::new));
        peers.add(
                peer(
                        "chronicle-queue",
                        Journals.FLOOR_MAPPED,
                        "msync",
                        settings -> Journals.grouped(new ChronicleMedium(), settings)));
        peers.add(peer("rocksdb", Journals.FLOOR_POSITIONAL, "write, fdatasync", Peers::rocksDb));
        peers.add(
                peer(
                        "journal.io",
                        Journals.FLOOR_POSITIONAL,
                        "write, fdatasync",
                        Peers::journalIo));
        peers.add(
                peer(
                        "bookkeeper",
                        Journals.FLOOR_POSITIONAL,
                        "write, fdatasync",
                        BookKeeperJournal::new));
        final List<String> artemisOptions = new ArrayList<>(OPENED);
        artemisOptions.add("-Xmx3g");
        for (final ArtemisJournal.FileKind kind : ArtemisJournal.FileKind.values()) {
            if (kind.isAvailable()) {
                peers.add(
                        new JournalDescriptor(
                                kind.journalName(),
                                Kind.PEER,
                                kind.floor(),
                                kind.forceMode(),
                                artemisOptions,
                                settings -> new ArtemisJournal(kind, settings)));
            }
        }
        return peers;
    }

    /** RocksDB gathers the writes of threads that wait; one that does not wait gathers its own. */
    private static JournalUnderTest rocksDb(final JournalSettings settings) {
        return settings.isBlocking() && settings.producers() > 1
                ? new RocksJournal(settings)
                : Journals.grouped(new RocksMedium(), settings);
    }

    /** The same as with RocksDB. */
    private static JournalUnderTest journalIo(final JournalSettings settings) {
        return settings.isBlocking() && settings.producers() > 1
                ? new JournalIoJournal(settings)
                : Journals.grouped(new JournalIoMedium(), settings);
    }

    private static JournalDescriptor peer(
            final String name,
            final String floor,
            final String forceMode,
            final Function<JournalSettings, JournalUnderTest> factory) {
        return new JournalDescriptor(name, Kind.PEER, floor, forceMode, OPENED, factory);
    }
}
