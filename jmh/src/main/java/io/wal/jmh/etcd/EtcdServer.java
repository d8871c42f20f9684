package io.wal.jmh.etcd;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A member of a cluster, as a process of its own. A shell that waits for the end of its standard
 * input kills it, so that it goes with this JVM, however that ends.
 */
final class EtcdServer {
    private static final String GUARD =
            "exec 3<&0; \"$@\" </dev/null >>\"$LOG\" 2>&1 & echo $!; cat <&3 >/dev/null;"
                    + " kill -9 $! 2>/dev/null";
    private static final HttpClient HTTP =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(2))
                    .build();

    private final Path binary;
    private final String name;
    private final Path directory;
    private final int clientPort;
    private final int peerPort;
    private Process guard;
    private ProcessHandle process;

    EtcdServer(
            final Path binary,
            final String name,
            final Path directory,
            final int clientPort,
            final int peerPort) {
        this.binary = binary;
        this.name = name;
        this.directory = directory;
        this.clientPort = clientPort;
        this.peerPort = peerPort;
    }

    String endpoint() {
        return "127.0.0.1:" + clientPort;
    }

    String initialCluster() {
        return name + "=http://127.0.0.1:" + peerPort;
    }

    void start(final String cluster, final List<String> options) throws IOException {
        final List<String> command =
                new ArrayList<>(
                        List.of(
                                "sh",
                                "-c",
                                GUARD,
                                "etcd",
                                binary.toString(),
                                "--name",
                                name,
                                "--data-dir",
                                directory.resolve(name).toString(),
                                "--listen-client-urls",
                                "http://" + endpoint(),
                                "--advertise-client-urls",
                                "http://" + endpoint(),
                                "--listen-peer-urls",
                                "http://127.0.0.1:" + peerPort,
                                "--initial-advertise-peer-urls",
                                "http://127.0.0.1:" + peerPort,
                                "--initial-cluster",
                                cluster,
                                "--log-level",
                                "error"));
        command.addAll(options);
        final ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("LOG", directory.resolve(name + ".log").toString());
        guard = builder.start();
        process =
                ProcessHandle.of(Long.parseLong(guard.inputReader().readLine()))
                        .orElseThrow(() -> new IOException("etcd " + name + " ended at once"));
    }

    /** Whether it knows a leader. */
    boolean isReady() {
        try {
            return !field(status(), "leader").isEmpty();
        } catch (final IOException e) {
            return false;
        }
    }

    boolean isLeader() throws IOException {
        final String status = status();
        return field(status, "leader").equals(field(status, "member_id"));
    }

    /** Kills it at once. */
    void kill() throws IOException {
        if (guard != null) {
            guard.outputWriter().close();
            guard.onExit().join();
            process.onExit().join();
            guard = null;
        }
    }

    void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(final String signal) throws IOException, InterruptedException {
        final int exit =
                new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                        .start()
                        .waitFor();
        if (exit != 0) {
            throw new IOException("kill -" + signal + " " + process.pid() + ": " + exit);
        }
    }

    private String status() throws IOException {
        final HttpRequest request =
                HttpRequest.newBuilder(
                                URI.create("http://" + endpoint() + "/v3/maintenance/status"))
                        .timeout(Duration.ofSeconds(5))
                        .POST(HttpRequest.BodyPublishers.ofString("{}"))
                        .build();
        try {
            return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static String field(final String json, final String name) {
        final Matcher matcher = Pattern.compile("\"" + name + "\":\"?([^\",}]*)").matcher(json);
        return matcher.find() ? matcher.group(1) : "";
    }
}
