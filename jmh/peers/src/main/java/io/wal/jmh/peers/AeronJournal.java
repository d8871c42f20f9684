package io.wal.jmh.peers;

import io.aeron.Aeron;
import io.aeron.CommonContext;
import io.aeron.FragmentAssembler;
import io.aeron.Image;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.archive.Archive;
import io.aeron.archive.ArchiveThreadingMode;
import io.aeron.archive.ArchivingMediaDriver;
import io.aeron.archive.client.AeronArchive;
import io.aeron.archive.status.RecordingPos;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.logbuffer.FragmentHandler;
import io.wal.jmh.journal.JournalSettings;
import io.wal.jmh.journal.JournalUnderTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.status.CountersReader;

/**
 * Aeron Archive: a publication over IPC, recorded with file sync level 1, so that the recorded
 * position, which acknowledges, moves only after a force. One block of the recorder, up to 4 MiB
 * here (1 MiB by default), is its group commit.
 *
 * <p>Driver and archive each run on one thread (SHARED), which backs off to parks of 1 to 50 µs:
 * busy ones would take both cores of a small machine from the producers. Producers wait in the same
 * way, since nobody wakes them. Messages are recorded with a header of 32 bytes and no checksum.
 */
final class AeronJournal implements JournalUnderTest {
    private static final String CHANNEL = "aeron:ipc";
    private static final String LOCAL_CHANNEL = "aeron:udp?endpoint=localhost:0"; // never used
    private static final int STREAM_ID = 1001;
    private static final int REPLAY_STREAM_ID = 1002;
    private static final int TERM_LENGTH = 64 << 20;
    private static final int SEGMENT_LENGTH = 64 << 20;
    private static final int BLOCK_LENGTH = 4 << 20;
    private static final int MTU_LENGTH = 32 << 10;
    private static final int FRAGMENT_LIMIT = 1000;

    private final JournalSettings settings;
    private ArchivingMediaDriver driver;
    private AeronArchive archive;
    private Publication publication;
    private CountersReader counters;
    private int counterId;
    private long recordingId;
    private long startPosition;

    AeronJournal(final JournalSettings settings) {
        this.settings = settings;
    }

    @Override
    public void open(final Path directory) {
        final String aeronDirectory = CommonContext.generateRandomDirName();
        driver =
                ArchivingMediaDriver.launch(
                        new MediaDriver.Context()
                                .aeronDirectoryName(aeronDirectory)
                                .dirDeleteOnStart(true)
                                .dirDeleteOnShutdown(true)
                                .threadingMode(ThreadingMode.SHARED)
                                .sharedIdleStrategy(idleStrategy())
                                .ipcTermBufferLength(TERM_LENGTH)
                                .ipcMtuLength(MTU_LENGTH),
                        new Archive.Context()
                                .aeronDirectoryName(aeronDirectory)
                                .archiveDir(directory.resolve("archive").toFile())
                                .threadingMode(ArchiveThreadingMode.SHARED)
                                .idleStrategySupplier(AeronJournal::idleStrategy)
                                .controlChannelEnabled(false)
                                .archiveClientContext(
                                        new AeronArchive.Context()
                                                .controlResponseChannel(LOCAL_CHANNEL))
                                .replicationChannel(LOCAL_CHANNEL)
                                .recordingEventsEnabled(false)
                                .segmentFileLength(SEGMENT_LENGTH)
                                .fileIoMaxLength(BLOCK_LENGTH)
                                .fileSyncLevel(settings.isForced() ? 1 : 0)
                                .catalogFileSyncLevel(settings.isForced() ? 1 : 0));
        archive =
                AeronArchive.connect(
                        new AeronArchive.Context()
                                .aeron(
                                        Aeron.connect(
                                                new Aeron.Context()
                                                        .aeronDirectoryName(aeronDirectory)))
                                .ownsAeronClient(true)
                                .controlRequestChannel(CHANNEL)
                                .controlResponseChannel(CHANNEL));
        publication =
                settings.producers() == 1
                        ? archive.addRecordedExclusivePublication(CHANNEL, STREAM_ID)
                        : archive.addRecordedPublication(CHANNEL, STREAM_ID);
        counters = archive.context().aeron().countersReader();
        final IdleStrategy idle = idleStrategy();
        while ((counterId =
                        RecordingPos.findCounterIdBySession(
                                counters, publication.sessionId(), archive.archiveId()))
                == CountersReader.NULL_COUNTER_ID) {
            idle.idle();
        }
        recordingId = RecordingPos.getRecordingId(counters, counterId);
        startPosition = archive.getStartPosition(recordingId);
    }

    @Override
    public Producer producer() {
        return new RecordedProducer();
    }

    /** Whole segments before the recorded position. */
    @Override
    public void trim() {
        final long position =
                AeronArchive.segmentFileBasePosition(
                        startPosition,
                        counters.getCounterValue(counterId),
                        publication.termBufferLength(),
                        SEGMENT_LENGTH);
        if (position > startPosition) {
            archive.purgeSegments(recordingId, position);
            startPosition = position;
        }
    }

    @Override
    public long replay(final PayloadHandler handler) {
        final List<long[]> recordings = new ArrayList<>();
        archive.listRecordings(
                0,
                Integer.MAX_VALUE,
                (controlSessionId,
                        correlationId,
                        id,
                        startTimestamp,
                        stopTimestamp,
                        start,
                        stop,
                        initialTermId,
                        segmentFileLength,
                        termBufferLength,
                        mtuLength,
                        sessionId,
                        streamId,
                        strippedChannel,
                        originalChannel,
                        sourceIdentity) -> {
                    if (id != recordingId && stop > start) {
                        recordings.add(new long[] {id, start, stop});
                    }
                });
        final long[] count = {0};
        final FragmentHandler assembler =
                new FragmentAssembler(
                        (buffer, offset, length, header) -> {
                            handler.onPayload(buffer, offset, length);
                            count[0]++;
                        });
        for (final long[] recording : recordings) {
            replay(recording[0], recording[1], recording[2], assembler);
        }
        return count[0];
    }

    @Override
    public void close() {
        CloseHelper.closeAll(publication, archive, driver);
    }

    private void replay(
            final long id, final long start, final long stop, final FragmentHandler assembler) {
        final IdleStrategy idle = idleStrategy();
        try (Subscription subscription =
                archive.replay(id, start, stop - start, CHANNEL, REPLAY_STREAM_ID)) {
            while (subscription.imageCount() == 0) {
                idle.idle();
            }
            final Image image = subscription.imageAtIndex(0);
            while (image.position() < stop) {
                final int fragments = image.poll(assembler, FRAGMENT_LIMIT);
                if (fragments == 0 && image.isClosed()) {
                    throw new IllegalStateException("the replay ended early");
                }
                idle.idle(fragments);
            }
        }
    }

    private static IdleStrategy idleStrategy() {
        return new BackoffIdleStrategy(10, 20, 1_000, 50_000);
    }

    private final class RecordedProducer implements Producer {
        private final IdleStrategy idle = idleStrategy();

        @Override
        public long append(final DirectBuffer buffer, final int offset, final int length) {
            long position;
            while ((position = publication.offer(buffer, offset, length)) < 0) {
                if (position == Publication.CLOSED
                        || position == Publication.MAX_POSITION_EXCEEDED) {
                    throw new IllegalStateException("the publication ended: " + position);
                }
                idle.idle();
            }
            idle.reset();
            return position;
        }

        @Override
        public long acknowledged() {
            if (publication.isClosed()) {
                throw new IllegalStateException("the publication is closed");
            }
            return counters.getCounterValue(counterId);
        }

        @Override
        public void appendAndAwait(final DirectBuffer buffer, final int offset, final int length) {
            final long position = append(buffer, offset, length);
            while (acknowledged() < position) {
                idle.idle();
            }
            idle.reset();
        }
    }
}
