package io.wal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.etcd.Certificates;
import io.wal.etcd.EtcdCluster;
import io.wal.etcd.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Commands that the cluster lets in, those that it does not, and those that find none. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class EtcdAccessTest {
    /** What does not end before it is given up after eight seconds; the machine may be busy. */
    private static final long BOUND_NS = TimeUnit.SECONDS.toNanos(30);

    @RegisterExtension static final EtcdCluster GUARDED = EtcdCluster.ofMembers(1);

    @TempDir static Path directory;

    private static Certificates certificates;
    private static EtcdCluster encrypted;

    private final Cli cli = new Cli();
    private final String guarded = "etcd://" + GUARDED.endpoints()[0] + "/log";
    private final String secure = "etcd://" + encrypted.endpoints()[0] + "/log";

    @BeforeAll
    static void startServers() throws IOException {
        enableAuth();
        certificates = new Certificates(directory);
        certificates.authority("ca");
        certificates.authority("other-ca");
        certificates.issue("server", "ca", "DNS:etcd.test", 2);
        certificates.issue("client", "ca", "DNS:client", 2);
        encrypted =
                EtcdCluster.ofMembers(
                                1,
                                "--cert-file",
                                file("server.crt"),
                                "--key-file",
                                file("server.key"),
                                "--trusted-ca-file",
                                file("ca.crt"),
                                "--client-cert-auth")
                        .start();
    }

    @AfterAll
    static void endServer() {
        if (encrypted != null) {
            encrypted.close();
        }
    }

    private static void enableAuth() throws IOException {
        for (final String user : List.of("root", "writer", "stranger")) {
            post("role/add", "{'name':'" + user + "'}");
            post("user/add", "{'name':'" + user + "','password':'secret'}");
            post("user/grant", "{'user':'" + user + "','role':'" + user + "'}");
        }
        post(
                "role/grant",
                "{'name':'writer','perm':{'permType':'READWRITE','key':'"
                        + encode("wal/")
                        + "','range_end':'"
                        + encode("wal0")
                        + "'}}");
        post("enable", "{}");
        Files.writeString(directory.resolve("right"), "secret\nof the trade\n");
        Files.writeString(directory.resolve("wrong"), "guess\n");
    }

    private static void post(final String path, final String json) {
        GUARDED.member().post("/v3/auth/" + path, json.replace('\'', '"'));
    }

    private static String encode(final String text) {
        return Base64.getEncoder().encodeToString(text.getBytes());
    }

    private static String file(final String name) {
        return directory.resolve(name).toString();
    }

    @Test
    void userWithTheRightPasswordIsLetIn() throws IOException {
        final String[] user = {"--user=writer", "--password-file=" + file("right")};

        final Cli.Result append = cli.feed("a\nb\n", with(user, "append", "--acks", guarded));

        assertThat(append.exitCode()).as(append.talk()).isZero();
        assertThat(append.text()).isEqualTo("1\n2\n");
        assertThat(cli.run(with(user, "ls", parent(guarded))).text()).isEqualTo("log\n");
        assertThat(cli.run(with(user, "verify", guarded)).exitCode()).isZero();
        final Cli.Result bench =
                cli.run(with(user, "bench", "--seconds=0.2", "--producers=1", guarded));
        assertThat(bench.exitCode()).as(bench.talk()).isZero();
        final String copy = file("copy");
        assertThat(cli.run(with(user, "copy", "--segment-length=64k", guarded, copy)).exitCode())
                .isZero();
        assertThat(cli.run("dump", copy).text()).isEqualTo("1\tDATA\ta\n2\tDATA\tb\n");
        assertThat(cli.run(with(user, "remove", "--yes", guarded)).exitCode()).isZero();
        assertThat(cli.run(with(user, "ls", parent(guarded))).text()).isEmpty();
    }

    @Test
    void passwordIsTakenFromTheEnvironmentAndShownNowhere() throws Exception {
        final Path talk = directory.resolve("talk");
        final Process process =
                ChildJvm.start(
                        talk.toFile(),
                        Map.of("WAL_ETCD_PASSWORD", "secret"),
                        "ls",
                        "--user=writer",
                        parent(guarded));

        assertThat(process.waitFor()).as(Files.readString(talk)).isZero();
        assertThat(Files.readString(talk)).doesNotContain("secret");
    }

    @Test
    void userWhoIsNotLetInIsToldSoAtOnce() {
        final String[] wrong = {"--user=writer", "--password-file=" + file("wrong")};
        final String[] nobody = {"--user=nobody", "--password-file=" + file("right")};
        final String[] stranger = {"--user=stranger", "--password-file=" + file("right")};
        final long beginNs = System.nanoTime();

        assertFailed(cli.feed("a\n", with(wrong, "append", guarded)), 5, "authentication failed");
        assertFailed(cli.run(with(wrong, "info", guarded)), 5, "authentication failed");
        assertFailed(cli.run(with(nobody, "info", guarded)), 5, "authentication failed");
        assertFailed(cli.feed("a\n", with(stranger, "append", guarded)), 5, "permission denied");
        assertFailed(cli.run(with(stranger, "ls", parent(guarded))), 5, "permission denied");
        assertFailed(cli.feed("a\n", "append", guarded), 5, "user name is empty");
        assertFailed(cli.run("dump", guarded), 5, "user name is empty");
        assertThat(System.nanoTime() - beginNs).isLessThan(BOUND_NS);
    }

    @Test
    void incompleteCredentialsAreWrongUsage() {
        assertFailed(cli.run("info", "--user=writer", guarded), 2, "WAL_ETCD_PASSWORD");
        assertFailed(
                cli.run("info", "--password-file=" + file("right"), guarded), 2, "with --user");
        assertFailed(
                cli.run("info", "--user=writer", "--password-file=" + file("none"), guarded),
                2,
                "none: no such file");
        assertFailed(cli.run("info", "--cert=" + file("client.crt"), secure), 2, "--key");
        assertFailed(cli.run("info", "--cacert=" + file("none"), secure), 2, "cannot be read");
    }

    @Test
    void rightCertificatesAreTaken() {
        final String[] tls = {
            "--cacert=" + file("ca.crt"),
            "--cert=" + file("client.crt"),
            "--key=" + file("client.key"),
            "--authority=etcd.test"
        };
        Waiting.until(
                "the server answers",
                () -> cli.run(with(tls, "ls", parent(secure))).exitCode() == 0);

        final Cli.Result append = cli.feed("a\n", with(tls, "append", "--acks", secure));

        assertThat(append.exitCode()).as(append.talk()).isZero();
        assertThat(append.text()).isEqualTo("1\n");
        assertThat(cli.run(with(tls, "recover", secure)).text()).isEqualTo("1\tDATA\ta\n");
        assertThat(cli.run(with(tls, "remove", "--yes", secure)).exitCode()).isZero();
    }

    @Test
    void whateverCannotBeReachedIsNamedInTime() throws Exception {
        final String nobody = "127.0.0.1:" + EtcdCluster.freePorts(1).get(0);
        final String nowhere = "etcd://" + nobody + "/log";
        final String client = "--cert=" + file("client.crt") + " --key=" + file("client.key");
        final String ca = "--cacert=" + file("ca.crt");
        final String otherCa = "--cacert=" + file("other-ca.crt");
        final String authority = "--authority=etcd.test";
        final Map<String, String> commands =
                Map.ofEntries(
                        Map.entry("append " + nowhere, "refused"),
                        Map.entry("checkpoint " + nowhere, nobody),
                        Map.entry("recover " + nowhere, nobody),
                        Map.entry("dump " + nowhere, nobody),
                        Map.entry("info " + nowhere, nobody),
                        Map.entry("stat " + nowhere, nobody),
                        Map.entry("remove --yes " + nowhere, nobody),
                        Map.entry("bench " + nowhere, nobody),
                        Map.entry("copy " + nowhere + " " + file("copied"), nobody),
                        Map.entry("ls etcd://" + nobody, nobody),
                        Map.entry("info " + secure, secure), // plain, where TLS is spoken
                        Map.entry("info --tls " + secure, "certif"), // nobody vouches
                        Map.entry(join("info", otherCa, client, authority, secure), "certif"),
                        Map.entry(join("info", ca, client, secure), "127.0.0.1"), // another name
                        Map.entry(join("info", ca, authority, secure), secure)); // no certificate
        final ExecutorService threads = Executors.newFixedThreadPool(commands.size());
        final long beginNs = System.nanoTime();
        try {
            final List<CompletableFuture<Void>> checks = new ArrayList<>();
            commands.forEach(
                    (command, part) ->
                            checks.add(
                                    CompletableFuture.runAsync(
                                            () ->
                                                    assertFailed(
                                                            new Cli().run(command.split(" ")),
                                                            5,
                                                            part),
                                            threads)));
            checks.forEach(CompletableFuture::join);
        } finally {
            threads.shutdown();
        }
        assertThat(System.nanoTime() - beginNs).isLessThan(BOUND_NS);
    }

    private static String join(final String... words) {
        return String.join(" ", words);
    }

    private static String parent(final String log) {
        return log.substring(0, log.lastIndexOf('/'));
    }

    /** A command with more options. */
    private static String[] with(final String[] options, final String... args) {
        final List<String> all = new ArrayList<>(Arrays.asList(args));
        all.addAll(1, List.of(options));
        return all.toArray(String[]::new);
    }

    private static void assertFailed(
            final Cli.Result result, final int exitCode, final String... parts) {
        assertThat(result.exitCode()).as(result.talk()).isEqualTo(exitCode);
        assertThat(result.talk()).startsWith("wal: ").contains(parts).doesNotContain("\tat ");
    }
}
