package io.wal.event;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** Records some events, and reads them back from the file of the recording. */
public final class FlightRecording implements AutoCloseable {
    private final Recording recording = new Recording();
    private final Path file;

    /**
     * Begins to record.
     *
     * @param directory for the file.
     * @param names of the events, however short.
     */
    public FlightRecording(final Path directory, final String... names) {
        file = directory.resolve("recording.jfr");
        for (final String name : names) {
            recording.enable(name).withThreshold(Duration.ZERO);
        }
        recording.start();
    }

    /**
     * Ends the recording.
     *
     * @param name of the events.
     * @return those events, in the order of their ends.
     * @throws IOException when the file cannot be written or read.
     */
    public List<RecordedEvent> events(final String name) throws IOException {
        if (!Files.exists(file)) {
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals(name))
                .toList();
    }

    @Override
    public void close() {
        recording.close();
    }
}
