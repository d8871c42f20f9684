package io.wal.etcd;

import static io.wal.etcd.EtcdConnectionTest.assertFailsInTime;
import static io.wal.etcd.EtcdFixture.appendMany;
import static io.wal.etcd.EtcdFixture.context;
import static io.wal.etcd.EtcdFixture.entries;
import static io.wal.etcd.EtcdFixture.open;
import static io.wal.etcd.EtcdFixture.recover;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.WriteAheadLog;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates, right and wrong, on a server that asks clients for theirs. */
class EtcdTlsTest {
    @TempDir static Path directory;

    private static Certificates certificates;
    private static EtcdCluster cluster;

    @BeforeAll
    static void startServer() {
        EtcdBinary.find();
        certificates = new Certificates(directory);
        certificates.authority("ca");
        certificates.authority("other-ca");
        certificates.issue("server", "ca", "IP:127.0.0.1,DNS:etcd.test", 2);
        certificates.issue("client", "ca", "DNS:client", 2);
        certificates.issue("stranger", "other-ca", "DNS:client", 2);
        cluster = start("server");
        Waiting.until("etcd answers", EtcdTlsTest::answers);
    }

    @AfterAll
    static void endServer() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private static EtcdCluster start(final String certificate) {
        return EtcdCluster.ofMembers(
                        1,
                        "--cert-file",
                        path(certificate + ".crt"),
                        "--key-file",
                        path(certificate + ".key"),
                        "--trusted-ca-file",
                        path("ca.crt"),
                        "--client-cert-auth")
                .start();
    }

    private static String path(final String name) {
        return certificates.file(name).toString();
    }

    private static EtcdClientContext client(final String authority, final String certificate) {
        final EtcdClientContext client =
                EtcdConnectionTest.impatient(cluster.member().endpoint())
                        .caFile(certificates.file(authority + ".crt"));
        return certificate == null
                ? client
                : client.certificate(
                        certificates.file(certificate + ".crt"),
                        certificates.file(certificate + ".key"));
    }

    private static boolean answers() {
        try (EtcdKv kv = EtcdFixture.connect(client("ca", "client"))) {
            return kv.range(KvRange.of("x")).handle((page, failure) -> failure == null).join();
        }
    }

    @Test
    void rightCertificatesAreTaken() {
        final EtcdStoreContext context = context(client("ca", "client"));

        try (WriteAheadLog log = open(context)) {
            appendMany(log, 100);
        }

        assertThat(recover(context)).isEqualTo(entries(1, 100));
    }

    @Test
    void serverOfAnotherAuthorityIsRefused() {
        assertFailsInTime(() -> open(context(client("other-ca", "client"))), "certif");
    }

    @Test
    void clientWithoutCertificateIsRefused() {
        assertFailsInTime(() -> open(context(client("ca", null))), "cannot read");
    }

    @Test
    void clientOfAnotherAuthorityIsRefused() {
        assertFailsInTime(() -> open(context(client("ca", "stranger"))), "cannot read");
    }

    @Test
    void serverOfAnotherNameIsRefusedUnlessTheNameIsGiven() {
        final EtcdStoreContext context =
                context(client("ca", "client").authority("elsewhere.test"));
        assertFailsInTime(() -> open(context), "elsewhere.test");

        context.clientContext().authority("etcd.test");
        try (WriteAheadLog log = open(context)) {
            appendMany(log, 10);
        }
    }

    @Test
    void plainConnectionToATlsPortIsGivenUp() {
        assertFailsInTime(
                () -> open(context(EtcdConnectionTest.impatient(cluster.member().endpoint()))),
                "cannot read");
    }

    @Test
    void certificatesThatAreNoneAreRefusedAtOnce() throws Exception {
        final Path nonsense = Files.writeString(directory.resolve("nonsense.crt"), "nonsense");
        final EtcdClientContext client =
                client("ca", null).certificate(certificates.file("client.crt"), nonsense);

        assertThatThrownBy(() -> open(context(client)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(nonsense.toString())
                .hasMessageContaining("PKCS #8");
    }

    @Test
    void expiredServerCertificateIsRefused() {
        certificates.issue("expired", "ca", "IP:127.0.0.1", -1);
        try (EtcdCluster expired = start("expired")) {
            final EtcdClientContext client =
                    client("ca", "client").endpoints(expired.member().endpoint());

            assertFailsInTime(() -> open(context(client)), "CertificateExpiredException");
        }
    }
}
