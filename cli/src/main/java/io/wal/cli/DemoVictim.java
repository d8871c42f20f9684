package io.wal.cli;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A process of its own that runs {@code wal append --acks}, is fed entries without end, and is
 * killed in the middle of it. What it acknowledged is what it printed before it died.
 */
final class DemoVictim {
    private static final String PROPERTY_CLASS_PATH = "java.class.path";
    private static final long PATIENCE_S = 20;

    private final Process process;
    private final Path errors;
    private final DemoText text;
    private final long firstLsn;
    private volatile long acknowledgedLsn;

    private DemoVictim(
            final Process process, final Path errors, final DemoText text, final long firstLsn) {
        this.process = process;
        this.errors = errors;
        this.text = text;
        this.firstLsn = firstLsn;
        acknowledgedLsn = firstLsn - 1;
    }

    /** Starts it; its first entry will get the given LSN, and its talk goes to the file. */
    static DemoVictim start(
            final ScratchPlace place,
            final StoreAddress log,
            final Path errors,
            final DemoText text,
            final long firstLsn)
            throws IOException {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx128m", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED"));
        command.addAll(
                List.of("-cp", System.getProperty(PROPERTY_CLASS_PATH), WalMain.class.getName()));
        command.addAll(List.of("append", "--acks"));
        command.addAll(log.options());
        command.add(log.toString());
        final Process process =
                place.start(new ProcessBuilder(command).redirectError(errors.toFile()));
        return new DemoVictim(process, errors, text, firstLsn);
    }

    long pid() {
        return process.pid();
    }

    /**
     * Feeds it and kills it once it has acknowledged so many entries; the result is the last LSN it
     * acknowledged.
     */
    long feedAndKill(final long acknowledgements) throws IOException, InterruptedException {
        final Thread feeder = thread("wal-demo-feeder", this::feed);
        final Thread reader = thread("wal-demo-acks", this::readAcks);
        try {
            final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
            while (acknowledgedLsn < firstLsn - 1 + acknowledgements) {
                if (process.waitFor(1, TimeUnit.MILLISECONDS)) {
                    throw new IOException(
                            "the writer ended by itself with exit code "
                                    + process.exitValue()
                                    + ": "
                                    + Files.readString(errors).strip());
                }
                if (System.nanoTime() - deadlineNs > 0) {
                    throw new IOException(
                            "the writer acknowledged only "
                                    + (acknowledgedLsn - firstLsn + 1)
                                    + " entries in "
                                    + PATIENCE_S
                                    + " seconds");
                }
            }
        } finally {
            process.toHandle()
                    .destroyForcibly(); // SIGKILL; unlike the process itself, this leaves the
            // streams open
            process.waitFor();
            feeder.join();
            reader.join(); // the pipe still holds what was printed before the end
        }
        return acknowledgedLsn;
    }

    private void feed() {
        try (OutputStream out = new BufferedOutputStream(process.getOutputStream(), 1 << 16)) {
            for (long lsn = firstLsn; process.isAlive(); lsn++) {
                out.write(text.entry(lsn));
                out.write('\n');
            }
        } catch (final IOException e) {
            // it was killed
        }
    }

    private void readAcks() {
        try (BufferedReader in =
                new BufferedReader(
                        new InputStreamReader(
                                process.getInputStream(), StandardCharsets.US_ASCII))) {
            final StringBuilder line = new StringBuilder();
            for (int c = in.read(); c >= 0; c = in.read()) {
                if (c == '\n') { // what has no end was not printed whole
                    acknowledgedLsn = Long.parseLong(line, 0, line.length(), 10);
                    line.setLength(0);
                } else {
                    line.append((char) c);
                }
            }
        } catch (final IOException e) {
            // it was killed
        }
    }

    private static Thread thread(final String name, final Runnable task) {
        final Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
