package io.wal.etcd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Runs a cluster of real etcd servers on free loopback ports with temporary data, for the tests of
 * a class, and ends exactly what it started. Register it as a static field.
 */
public final class EtcdCluster implements BeforeAllCallback, AfterAllCallback, AutoCloseable {
    private final int size;
    private final List<String> options;
    private final List<EtcdMember> members = new ArrayList<>();
    private Path directory;

    private EtcdCluster(final int size, final String... options) {
        this.size = size;
        this.options = List.of(options);
    }

    /** A cluster of one or three members, with options for each beside those that it needs. */
    public static EtcdCluster ofMembers(final int size, final String... options) {
        return new EtcdCluster(size, options);
    }

    @Override
    public void beforeAll(final ExtensionContext context) {
        start();
    }

    @Override
    public void afterAll(final ExtensionContext context) {
        close();
    }

    /** Starts it, and waits until it is ready; with TLS, until the servers run. */
    public EtcdCluster start() {
        final Path binary = EtcdBinary.find();
        try {
            directory = Files.createTempDirectory("wal-etcd-");
            final List<Integer> ports = freePorts(2 * size);
            for (int i = 0; i < size; i++) {
                members.add(
                        new EtcdMember(
                                binary,
                                "m" + i,
                                directory,
                                ports.get(2 * i),
                                ports.get(2 * i + 1),
                                options));
            }
            members.forEach(member -> member.start(initialCluster()));
            awaitReady();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        } catch (final RuntimeException | Error e) {
            close();
            throw e;
        }
        return this;
    }

    void start(final EtcdMember member) {
        member.start(initialCluster());
    }

    /** Waits until every member that runs knows its leader. */
    void awaitReady() {
        for (final EtcdMember member : members) {
            if (member.isRunning() && !member.isTls()) {
                Waiting.until("etcd is ready: " + member.log(), member::isReady);
            }
        }
    }

    List<EtcdMember> members() {
        return members;
    }

    /** The only member, or the first. */
    public EtcdMember member() {
        return members.get(0);
    }

    EtcdMember leader() {
        return members.stream().filter(EtcdMember::isLeader).findFirst().orElseThrow();
    }

    EtcdMember follower() {
        return members.stream().filter(member -> !member.isLeader()).findFirst().orElseThrow();
    }

    /** Host and port of each member. */
    public String[] endpoints() {
        return members.stream().map(EtcdMember::endpoint).toArray(String[]::new);
    }

    /** A place for files that goes with the cluster. */
    Path directory() {
        return directory;
    }

    @Override
    public void close() {
        members.forEach(EtcdMember::kill);
        members.clear();
        if (directory != null) {
            delete(directory);
            directory = null;
        }
    }

    /** Ports of the loopback interface at which nobody listens. */
    public static List<Integer> freePorts(final int count) throws IOException {
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

    static void delete(final Path root) {
        try (Stream<Path> paths = Files.walk(root)) {
            for (final Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String initialCluster() {
        return members.stream()
                .map(member -> member.name() + "=" + member.peerUrl())
                .collect(Collectors.joining(","));
    }
}
