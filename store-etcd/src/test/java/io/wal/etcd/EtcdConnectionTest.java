package io.wal.etcd;

import static io.wal.etcd.EtcdFixture.appendMany;
import static io.wal.etcd.EtcdFixture.context;
import static io.wal.etcd.EtcdFixture.entries;
import static io.wal.etcd.EtcdFixture.open;
import static io.wal.etcd.EtcdFixture.recover;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.StorageException;
import io.wal.WriteAheadLog;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Endpoints that are not there: clear errors in a bounded time, or none at all. */
class EtcdConnectionTest {
    @RegisterExtension static final EtcdCluster CLUSTER = EtcdCluster.ofMembers(1);

    /** Long enough for the default timeouts, and for a machine that is busy. */
    private static final long BOUND_NS = 25_000_000_000L;

    static void assertFailsInTime(final ThrowingCallable call, final String... parts) {
        final long beginNs = System.nanoTime();

        assertThatThrownBy(call)
                .isInstanceOf(StorageException.class)
                .satisfies(
                        e -> {
                            for (final String part : parts) {
                                assertThat(e).hasMessageContaining(part);
                            }
                        });

        assertThat(System.nanoTime() - beginNs).isLessThan(BOUND_NS);
    }

    /** Gives up after two seconds, rather than eight. */
    static EtcdClientContext impatient(final String... endpoints) {
        return new EtcdClientContext()
                .endpoints(endpoints)
                .connectTimeout(Duration.ofMillis(300))
                .requestTimeout(Duration.ofMillis(700));
    }

    private static EtcdStoreContext at(final String... endpoints) {
        return context(impatient(endpoints));
    }

    @Test
    void clusterThatIsNotThereIsNamedInTime() throws IOException {
        final String nobody = "127.0.0.1:" + EtcdCluster.freePorts(1).get(0);
        final EtcdStoreContext context = at(nobody);

        assertFailsInTime(() -> open(context), nobody, "Connection refused");
        assertFailsInTime(() -> EtcdLogReader.open(context, 1), nobody);
        try (EtcdLogInspector inspector = new EtcdLogInspector(context);
                EtcdLogCatalog catalog = new EtcdLogCatalog(context)) {
            assertFailsInTime(inspector::info, nobody);
            assertFailsInTime(catalog::names, nobody);
        }
    }

    @Test
    @Tag("long")
    void clusterThatIsNotThereIsNamedInTimeWithDefaultTimeouts() throws IOException {
        final String nobody = "127.0.0.1:" + EtcdCluster.freePorts(1).get(0);

        assertFailsInTime(
                () -> open(context(new EtcdClientContext().endpoints(nobody))),
                "Connection refused");
    }

    @Test
    void hostWithoutAnAddressIsNamedInTime() {
        assertFailsInTime(() -> open(at("no-such-host.invalid:2379")), "no-such-host.invalid");
    }

    @Test
    void serverThatNeverAnswersIsGivenUpInTime() throws IOException {
        try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            final String endpoint = "127.0.0.1:" + mute.getLocalPort();

            assertFailsInTime(() -> open(at(endpoint)), endpoint);
        }
    }

    @Test
    void serverOfAnotherKindIsGivenUpInTime() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            final Thread thread =
                    new Thread(
                            () -> {
                                try {
                                    while (true) {
                                        try (var socket = server.accept();
                                                InputStream in = socket.getInputStream()) {
                                            socket.getOutputStream()
                                                    .write("HTTP/1.1 200 OK\r\n\r\n".getBytes());
                                            in.read();
                                        }
                                    }
                                } catch (final IOException e) {
                                    // closed
                                }
                            });
            thread.setDaemon(true); // ends with the socket
            thread.start();

            assertFailsInTime(() -> open(at("127.0.0.1:" + server.getLocalPort())), "cannot read");
        }
    }

    @Test
    void oneEndpointThatLivesIsEnough() throws IOException {
        final String dead = "127.0.0.1:" + EtcdCluster.freePorts(1).get(0);
        final EtcdStoreContext context =
                at(dead, CLUSTER.member().endpoint(), "no-such-host.invalid:2379");

        try (WriteAheadLog log = open(context)) {
            appendMany(log, 100);
        }

        assertThat(recover(context)).isEqualTo(entries(1, 100));
    }

    @Test
    void deadClusterCostsNoProcessorTimeToSpeakOf() throws IOException {
        final String dead = "127.0.0.1:" + EtcdCluster.freePorts(1).get(0);
        final long beginNs = processorNs();

        assertFailsInTime(() -> open(at(dead)), dead);

        assertThat(processorNs() - beginNs)
                .as("of the whole process, in nanoseconds")
                .isLessThan(Duration.ofSeconds(6).toNanos());
    }

    private static long processorNs() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
    }
}
