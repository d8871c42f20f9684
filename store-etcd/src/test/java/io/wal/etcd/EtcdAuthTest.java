package io.wal.etcd;

import static io.wal.etcd.EtcdConnectionTest.assertFailsInTime;
import static io.wal.etcd.EtcdFixture.append;
import static io.wal.etcd.EtcdFixture.appendMany;
import static io.wal.etcd.EtcdFixture.context;
import static io.wal.etcd.EtcdFixture.entries;
import static io.wal.etcd.EtcdFixture.open;
import static io.wal.etcd.EtcdFixture.recover;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.Durability;
import io.wal.LogFailedException;
import io.wal.WriteAheadLog;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Users, passwords and tokens that expire after two seconds. */
class EtcdAuthTest {
    @RegisterExtension
    static final EtcdCluster CLUSTER = EtcdCluster.ofMembers(1, "--auth-token-ttl", "2");

    @BeforeAll
    static void enableAuth() {
        post("/v3/auth/role/add", "{\"name\":\"root\"}");
        addUser("root", "secret", "root");
        grant("writers", "wal/");
        addUser("writer", "word", "writers");
        grant("others", "elsewhere/");
        addUser("other", "word", "others");
        post("/v3/auth/enable", "{}");
    }

    private static String post(final String path, final String json) {
        return CLUSTER.member().post(path, json);
    }

    private static void addUser(final String user, final String password, final String role) {
        post("/v3/auth/user/add", "{\"name\":\"" + user + "\",\"password\":\"" + password + "\"}");
        post("/v3/auth/user/grant", "{\"user\":\"" + user + "\",\"role\":\"" + role + "\"}");
    }

    /** A role that may do everything below a prefix. */
    private static void grant(final String role, final String prefix) {
        final String end = prefix.substring(0, prefix.length() - 1) + "0";
        post("/v3/auth/role/add", "{\"name\":\"" + role + "\"}");
        post(
                "/v3/auth/role/grant",
                "{\"name\":\""
                        + role
                        + "\",\"perm\":{\"permType\":\"READWRITE\",\"key\":\""
                        + base64(prefix)
                        + "\",\"range_end\":\""
                        + base64(end)
                        + "\"}}");
    }

    private static String base64(final String text) {
        return Base64.getEncoder().encodeToString(text.getBytes());
    }

    private static EtcdStoreContext as(final String user, final String password) {
        return context(EtcdConnectionTest.impatient(CLUSTER.endpoints()).user(user, password));
    }

    @Test
    void writerWithARoleForTheRootWritesOnWhenItsTokenHasExpired() {
        final EtcdStoreContext context = as("writer", "word").leaseTtl(Duration.ofSeconds(3));
        try (WriteAheadLog log = open(context)) {
            for (int i = 1; i <= 4; i++) {
                append(log, "e" + i);
                Waiting.pass(1200);
            }
            assertThat(log.failure()).isNull();
            Waiting.pass(3000);
            append(log, "e5");
        }
        assertThat(recover(context)).isEqualTo(entries(1, 5));
    }

    @Test
    void wrongPasswordIsRefusedAtOnce() {
        assertFailsInTime(() -> open(as("writer", "wrong")), "authentication failed");
        assertFailsInTime(() -> open(as("nobody", "word")), "authentication failed");
    }

    @Test
    void missingCredentialsAreRefused() {
        assertFailsInTime(
                () -> open(context(new EtcdClientContext().endpoints(CLUSTER.endpoints()))),
                "user name is empty");
    }

    @Test
    void userWithoutPermissionIsRefused() {
        assertFailsInTime(() -> open(as("other", "word")), "permission denied");
    }

    @Test
    void permissionRevokedWhileWritingEndsTheLog() {
        addUserByRoot("guest", "word");
        final EtcdStoreContext context = as("guest", "word").leaseTtl(Duration.ofSeconds(2));
        final WriteAheadLog log = open(context);
        appendMany(log, 10);

        postByRoot("/v3/auth/user/revoke", "{\"name\":\"guest\",\"role\":\"writers\"}");

        assertThat(log.appendAsync(EtcdFixture.buffer("e11"), 0, 3, Durability.FORCED))
                .failsWithin(Duration.ofSeconds(20))
                .withThrowableThat()
                .withCauseInstanceOf(LogFailedException.class)
                .withMessageContaining("permission denied");
        assertThatThrownBy(log::close).isInstanceOf(LogFailedException.class);
        postByRoot("/v3/auth/user/grant", "{\"user\":\"guest\",\"role\":\"writers\"}");
        assertThat(recover(context.acquirePolicy(EtcdStoreContext.AcquirePolicy.WAIT)))
                .isEqualTo(entries(1, 10));
    }

    private static void addUserByRoot(final String user, final String password) {
        postByRoot(
                "/v3/auth/user/add",
                "{\"name\":\"" + user + "\",\"password\":\"" + password + "\"}");
        postByRoot("/v3/auth/user/grant", "{\"user\":\"" + user + "\",\"role\":\"writers\"}");
    }

    private static void postByRoot(final String path, final String json) {
        final String token =
                EtcdMember.field(
                        post(
                                "/v3/auth/authenticate",
                                "{\"name\":\"root\",\"password\":\"secret\"}"),
                        "token");
        CLUSTER.member().post(path, json, token);
    }
}
