package io.wal.etcd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A member of a cluster, as a process of its own. It dies with the test: a shell that waits for the
 * end of its standard input kills it, also when the test's JVM was killed.
 */
public final class EtcdMember {
    private static final String GUARD =
            "exec 3<&0; \"$@\" </dev/null >>\"$LOG\" 2>&1 & echo $!; cat <&3 >/dev/null; kill -9 $! 2>/dev/null";
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
    private final List<String> options;
    private Process guard;
    private ProcessHandle process;

    EtcdMember(
            final Path binary,
            final String name,
            final Path directory,
            final int clientPort,
            final int peerPort,
            final List<String> options) {
        this.binary = binary;
        this.name = name;
        this.directory = directory;
        this.clientPort = clientPort;
        this.peerPort = peerPort;
        this.options = new ArrayList<>(options);
    }

    String name() {
        return name;
    }

    int clientPort() {
        return clientPort;
    }

    String peerUrl() {
        return "http://127.0.0.1:" + peerPort;
    }

    /** Host and port. */
    public String endpoint() {
        return "127.0.0.1:" + clientPort;
    }

    Path dataDirectory() {
        return directory.resolve(name);
    }

    boolean isTls() {
        return options.contains("--cert-file");
    }

    /** More options for the next start. */
    void addOptions(final String... more) {
        options.addAll(List.of(more));
    }

    void start(final String cluster) {
        final String url = (isTls() ? "https://" : "http://") + endpoint();
        final List<String> command =
                new ArrayList<>(
                        List.of(
                                "sh",
                                "-c",
                                GUARD,
                                "guard",
                                binary.toString(),
                                "--name",
                                name,
                                "--data-dir",
                                dataDirectory().toString(),
                                "--listen-client-urls",
                                url,
                                "--advertise-client-urls",
                                url,
                                "--listen-peer-urls",
                                peerUrl(),
                                "--initial-advertise-peer-urls",
                                peerUrl(),
                                "--initial-cluster",
                                cluster,
                                "--logger",
                                "zap"));
        command.addAll(options);
        try {
            final ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().put("LOG", logFile().toString());
            guard = builder.start();
            process =
                    ProcessHandle.of(Long.parseLong(guard.inputReader().readLine()))
                            .orElseThrow(() -> new IllegalStateException("etcd ended: " + log()));
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isRunning() {
        return process != null && process.isAlive();
    }

    /** Kills it at once. */
    void kill() {
        if (guard != null) {
            try {
                guard.outputWriter().close();
                guard.waitFor(10, TimeUnit.SECONDS);
            } catch (final IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
            Waiting.until("etcd ends", () -> !process.isAlive());
            guard = null;
        }
    }

    void pause() {
        signal("STOP");
    }

    void resume() {
        signal("CONT");
    }

    /** Asks the member over its HTTP gateway; the answer is JSON. */
    public String post(final String path, final String json) {
        return post(path, json, null);
    }

    /** As {@link #post(String, String)}, as the user who has a token. */
    String post(final String path, final String json, final String token) {
        final HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://" + endpoint() + path))
                        .timeout(Duration.ofSeconds(10))
                        .POST(HttpRequest.BodyPublishers.ofString(json));
        if (token != null) {
            request.header("Authorization", token);
        }
        try {
            final HttpResponse<String> response =
                    HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new IllegalStateException(path + ": " + response.body());
            }
            return response.body();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        } catch (final InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A field of the member's status. */
    String status(final String field) {
        return field(post("/v3/maintenance/status", "{}"), field);
    }

    boolean isReady() {
        try {
            return !status("leader").isEmpty();
        } catch (final RuntimeException e) {
            return false;
        }
    }

    boolean isLeader() {
        final String status = post("/v3/maintenance/status", "{}");
        return !field(status, "leader").isEmpty()
                && field(status, "leader").equals(field(status, "member_id"));
    }

    /** The first field of a name in an answer; empty when there is none. */
    public static String field(final String json, final String name) {
        final Matcher matcher = Pattern.compile("\"" + name + "\":\"?([^\",}]*)").matcher(json);
        return matcher.find() ? matcher.group(1) : "";
    }

    String log() {
        try {
            final List<String> lines = Files.readAllLines(logFile());
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
        } catch (final IOException e) {
            return e.toString();
        }
    }

    private Path logFile() {
        return directory.resolve(name + ".log");
    }

    private void signal(final String signal) {
        try {
            final int exit =
                    new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                            .start()
                            .waitFor();
            if (exit != 0) {
                throw new IllegalStateException(
                        "kill -" + signal + " " + process.pid() + ": " + exit);
            }
        } catch (final IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
