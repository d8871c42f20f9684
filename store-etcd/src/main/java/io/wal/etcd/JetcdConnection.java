package io.wal.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SSLException;

/** Makes a client of jetcd, or takes the caller's. */
final class JetcdConnection {
    private JetcdConnection() {}

    static EtcdKv open(final EtcdClientContext context) {
        final List<URI> uris = context.uris();
        final long timeoutMs = context.requestTimeout().toMillis();
        if (context.client() != null) {
            return new JetcdKv(context.client(), false, null, timeoutMs, uris);
        }
        final LargeValues largeValues = new LargeValues();
        return new JetcdKv(build(context, uris, largeValues), true, largeValues, timeoutMs, uris);
    }

    private static Client build(
            final EtcdClientContext context, final List<URI> uris, final LargeValues largeValues) {
        final ClientBuilder builder =
                Client.builder()
                        .endpoints(uris)
                        .executorService(new DirectExecutor())
                        .waitForReady(false) // a member that is down is an answer, with its reason
                        .loadBalancerPolicy(LeastBusyPolicy.name())
                        .retryMaxAttempts(1)
                        .connectTimeout(context.connectTimeout())
                        .keepaliveTime(context.keepaliveTime())
                        .keepaliveTimeout(context.keepaliveTimeout())
                        .keepaliveWithoutCalls(true)
                        .maxInboundMessageSize(context.maxInboundLength())
                        .interceptor(
                                new DeadlineInterceptor(context.requestTimeout().toMillis()),
                                largeValues);
        if (context.user() != null) {
            builder.user(bytes(context.user()))
                    .password(bytes(context.password()))
                    .authInterceptors(new DeadlineInterceptor(context.requestTimeout().toMillis()));
        }
        if (context.isTls()) {
            setCertificates(context, builder);
        }
        if (context.authority() != null) {
            builder.authority(context.authority());
        }
        return builder.build();
    }

    private static void setCertificates(
            final EtcdClientContext context, final ClientBuilder builder) {
        try {
            builder.sslContext(
                    tls -> {
                        if (context.caFile() != null) {
                            tls.trustManager(context.caFile().toFile());
                        }
                        if (context.certificateFile() != null) {
                            tls.keyManager(
                                    context.certificateFile().toFile(), context.keyFile().toFile());
                        }
                    });
        } catch (final SSLException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "the certificates cannot be used: caFile="
                            + context.caFile()
                            + " certificateFile="
                            + context.certificateFile()
                            + " keyFile="
                            + context.keyFile()
                            + " (PKCS #8 in PEM): "
                            + e.getMessage(),
                    e);
        }
    }

    private static ByteSequence bytes(final String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }
}
