package io.wal.jmh.etcd;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A cluster of real servers on free loopback ports, with data that goes with it. */
final class EtcdServers implements AutoCloseable {
    /**
     * What a cluster that holds logs is advised to have: few batches kept in memory, and room for
     * what a measurement writes before it is compacted.
     */
    private static final List<String> OPTIONS =
            List.of("--snapshot-count", "1000", "--quota-backend-bytes", "8589934592");

    private static final long START_TIMEOUT_NS = 60_000_000_000L;
    private static final long POLL_NS = 20_000_000;

    private final List<EtcdServer> members = new ArrayList<>();
    private final Path directory;
    private final List<String> options;

    private EtcdServers(final Path directory, final List<String> options) {
        this.directory = directory;
        this.options = options;
    }

    /**
     * Starts a cluster, with data in a new directory below a root, and with options beside those
     * that it is advised to have.
     */
    static EtcdServers start(final Path root, final int size, final List<String> more)
            throws IOException {
        final Path binary = binary();
        Files.createDirectories(root);
        final EtcdServers servers =
                new EtcdServers(
                        Files.createTempDirectory(root.toAbsolutePath(), "etcd-"), options(more));
        try {
            final List<Integer> ports = freePorts(2 * size);
            for (int i = 0; i < size; i++) {
                servers.members.add(
                        new EtcdServer(
                                binary,
                                "m" + i,
                                servers.directory,
                                ports.get(2 * i),
                                ports.get(2 * i + 1)));
            }
            for (final EtcdServer member : servers.members) {
                servers.start(member);
            }
            servers.awaitReady();
            return servers;
        } catch (final IOException | RuntimeException e) {
            servers.close();
            throw e;
        }
    }

    /** {@code -Dwal.etcd}, {@code WAL_ETCD}, or the first {@code etcd} of the {@code PATH}. */
    static Path binary() throws IOException {
        final String asked = System.getProperty("wal.etcd", System.getenv("WAL_ETCD"));
        final Stream<String> candidates =
                asked == null
                        ? Stream.of(System.getenv("PATH").split(File.pathSeparator))
                                .map(path -> path + "/etcd")
                        : Stream.of(asked);
        return candidates
                .map(Path::of)
                .filter(path -> Files.isRegularFile(path) && Files.isExecutable(path))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IOException(
                                        "no etcd binary; apt-get install etcd-server, or set"
                                                + " WAL_ETCD or -Dwal.etcd to one"));
    }

    /** The first line of what the binary says of itself. */
    static String version() throws IOException {
        final Process process =
                new ProcessBuilder(binary().toString(), "--version")
                        .redirectErrorStream(true)
                        .start();
        try (var reader = process.inputReader()) {
            return reader.readLine();
        }
    }

    static List<String> options(final List<String> more) {
        return Stream.concat(OPTIONS.stream(), more.stream()).toList();
    }

    void start(final EtcdServer member) throws IOException {
        member.start(
                members.stream().map(EtcdServer::initialCluster).collect(Collectors.joining(",")),
                options);
    }

    void awaitReady() throws IOException {
        final long beginNs = System.nanoTime();
        while (!members.stream().allMatch(EtcdServer::isReady)) {
            if (System.nanoTime() - beginNs > START_TIMEOUT_NS) {
                throw new IOException("etcd does not become ready; its data is in " + directory);
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    EtcdServer leader() throws IOException {
        return memberThat(true);
    }

    EtcdServer follower() throws IOException {
        return memberThat(false);
    }

    String[] endpoints() {
        return members.stream().map(EtcdServer::endpoint).toArray(String[]::new);
    }

    @Override
    public void close() throws IOException {
        for (final EtcdServer member : members) {
            member.kill();
        }
        try (Stream<Path> paths = Files.walk(directory)) {
            for (final Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    private EtcdServer memberThat(final boolean leads) throws IOException {
        for (final EtcdServer member : members) {
            if (member.isLeader() == leads) {
                return member;
            }
        }
        throw new IOException(leads ? "no leader" : "no follower");
    }

    private static List<Integer> freePorts(final int count) throws IOException {
        final List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (final ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }
}
