package io.wal.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class EtcdStoreContextTest {
    private static EtcdStoreContext context() {
        return new EtcdStoreContext().endpoints("127.0.0.1:2379").name("log");
    }

    private static void assertRefused(
            final String setting, final Object value, final Consumer<EtcdStoreContext> change) {
        final EtcdStoreContext context = context();
        change.accept(context);
        assertThatThrownBy(() -> new EtcdLogStore(context))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(setting)
                .hasMessageContaining(String.valueOf(value));
    }

    @Test
    void defaultsAreAsDocumented() {
        final EtcdStoreContext context = context().conclude();

        assertThat(context.root()).isEqualTo("wal");
        assertThat(context.window()).isEqualTo(4);
        assertThat(context.maxBatchLength()).isEqualTo(256 << 10);
        assertThat(context.maxPayloadLength()).isEqualTo(1 << 20);
        assertThat(context.pageLength()).isEqualTo(4 << 20);
        assertThat(context.hedgeAfter()).isEqualTo(Duration.ofMillis(250));
        assertThat(context.giveUpAfter()).isEqualTo(Duration.ofSeconds(60));
        assertThat(context.leaseTtl()).isEqualTo(Duration.ofSeconds(10));
        assertThat(context.acquirePolicy()).isEqualTo(EtcdStoreContext.AcquirePolicy.WAIT);
        assertThat(context.acquireTimeout()).isEqualTo(Duration.ofSeconds(15));
        assertThat(context.createIfMissing()).isTrue();
        assertThat(context.compactAfterTrim()).isFalse();
        assertThat(context.quota()).isZero();
        assertThat(context.clientContext().requestTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(context.clientContext().maxInboundLength()).isEqualTo(64 << 20);
        assertThat(new EtcdLogStore(context).maxPayloadLength()).isEqualTo(1 << 20);
        assertThat(new EtcdLogStore(context).name()).isEqualTo("log");
    }

    @Test
    void settingsOutOfRangeAreNamedWithTheirValues() {
        for (final String name : List.of("", ".log", "a/b", "a b", "x".repeat(129))) {
            assertRefused("name", name, context -> context.name(name));
        }
        assertRefused("name", null, context -> context.name(null));
        for (final String root : List.of("", "/wal", "wal/", "a//b")) {
            assertRefused("root", root, context -> context.root(root));
        }
        assertRefused("window", 0, context -> context.window(0));
        assertRefused("window", 65, context -> context.window(65));
        assertRefused("maxBatchLength", 1023, context -> context.maxBatchLength(1023));
        assertRefused("maxBatchLength", 1 << 21, context -> context.maxBatchLength(1 << 21));
        assertRefused("maxPayloadLength", 0, context -> context.maxPayloadLength(0));
        assertRefused("maxPayloadLength", 9 << 20, context -> context.maxPayloadLength(9 << 20));
        assertRefused("pageLength", 1, context -> context.pageLength(1));
        assertRefused("hedgeAfter", "PT-1S", context -> context.hedgeAfter(Duration.ofSeconds(-1)));
        assertRefused("giveUpAfter", "PT0S", context -> context.giveUpAfter(Duration.ZERO));
        assertRefused("leaseTtl", "PT1S", context -> context.leaseTtl(Duration.ofSeconds(1)));
        assertRefused("leaseTtl", "PT2.5S", context -> context.leaseTtl(Duration.ofMillis(2500)));
        assertRefused("quota", -1, context -> context.quota(-1));
        assertRefused(
                "acquireTimeout",
                "PT-1S",
                context -> context.acquireTimeout(Duration.ofSeconds(-1)));
        assertRefused("endpoints", "", context -> context.clientContext().endpoints(new String[0]));
        for (final String endpoint :
                List.of("nonsense", "host", "ftp://host:1", "host:port", "::")) {
            assertRefused(
                    "endpoints", endpoint, context -> context.clientContext().endpoints(endpoint));
        }
        assertRefused(
                "requestTimeout",
                "PT0S",
                context -> context.clientContext().requestTimeout(Duration.ZERO));
        assertRefused(
                "maxInboundLength", 1, context -> context.clientContext().maxInboundLength(1));
        assertRefused("user", "u", context -> context.clientContext().user("u", null));
        final Path missing = Path.of("/does/not/exist");
        assertRefused("caFile", missing, context -> context.clientContext().caFile(missing));
        assertRefused(
                "certificate",
                "key=null",
                context -> context.clientContext().certificate(missing, null));
    }

    @Test
    void laterChangesDoNotReachTheStore() {
        final EtcdStoreContext context = context();
        final EtcdLogStore store = new EtcdLogStore(context);

        context.name("other").maxPayloadLength(10).clientContext().endpoints("nonsense");

        assertThat(store.name()).isEqualTo("log");
        assertThat(store.maxPayloadLength()).isEqualTo(1 << 20);
        assertThat(store).hasToString("EtcdLogStore{etcd://127.0.0.1:2379/log}");
    }
}
