package io.wal.etcd;

import io.wal.FencedException;
import io.wal.WalContext;
import io.wal.WriteAheadLog;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * A writer in a process of its own, which can be paused and killed. It appends until its log fails,
 * and says on standard output what was acknowledged.
 */
final class WriterProcess implements AutoCloseable {
    private final Process process;
    private final Thread reader;
    private volatile long ackedLsn;
    private volatile String end;

    WriterProcess(final EtcdCluster cluster, final String name, final Duration leaseTtl) {
        final List<String> command = javaCommand("-Xmx128m");
        command.add(WriterProcess.class.getName());
        command.add(name);
        command.add(Long.toString(leaseTtl.toSeconds()));
        command.addAll(List.of(cluster.endpoints()));
        process = start(command);
        reader = new Thread(this::read, "writer-process");
        reader.start();
    }

    /** The Java of this test, with its class path. */
    static List<String> javaCommand(final String... options) {
        final List<String> command =
                new ArrayList<>(
                        List.of(
                                System.getProperty("java.home") + "/bin/java",
                                "--add-exports",
                                "java.base/jdk.internal.misc=ALL-UNNAMED"));
        command.addAll(List.of(options));
        command.add("-cp");
        command.add(
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path")));
        return command;
    }

    static Process start(final List<String> command) {
        try {
            return new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.to(new File("/dev/null")))
                    .start();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the writer appends at an LSN. */
    static String payload(final String name, final long lsn) {
        return name + ":" + lsn + ":" + "x".repeat((int) (lsn % 200));
    }

    long ackedLsn() {
        return ackedLsn;
    }

    /** How the writer ended; null while it has not. */
    String end() {
        return end;
    }

    void signal(final String signal) {
        try {
            new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (final IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            reader.join();
        } catch (final InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void read() {
        try (BufferedReader lines = process.inputReader()) {
            String line;
            while ((line = lines.readLine()) != null) {
                if (line.startsWith("acked ")) {
                    ackedLsn = Long.parseLong(line.substring(6));
                } else {
                    end = line;
                }
            }
        } catch (final IOException e) {
            end = e.toString();
        }
    }

    /** The writer itself: name, time to live of the lease in seconds, endpoints. */
    public static void main(final String[] args) {
        final EtcdStoreContext context =
                new EtcdStoreContext()
                        .name(args[0])
                        .leaseTtl(Duration.ofSeconds(Long.parseLong(args[1])))
                        .endpoints(List.of(args).subList(2, args.length).toArray(String[]::new));
        final WriteAheadLog log =
                WriteAheadLog.open(
                        new WalContext().store(new EtcdLogStore(context)).ringCapacity(1024));
        log.recover((lsn, kind, buffer, offset, length) -> {});
        long lastTold = 0;
        try {
            while (true) {
                final var buffer = EtcdFixture.buffer(payload("child", log.lastLsn() + 1));
                log.append(buffer, 0, buffer.capacity());
                if (log.durableLsn() > lastTold) {
                    lastTold = log.durableLsn();
                    System.out.println("acked " + lastTold);
                }
                LockSupport.parkNanos(100_000);
            }
        } catch (final FencedException e) {
            System.out.println("acked " + log.durableLsn());
            System.out.println("fenced " + e.lastKeptLsn());
        } catch (final RuntimeException e) {
            System.out.println(e);
        }
        System.exit(0);
    }
}
