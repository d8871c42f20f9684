package io.wal.etcd;

import io.etcd.jetcd.Client;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * How to reach an etcd cluster: endpoints, credentials, certificates and timeouts, or a jetcd
 * client of the caller's. Each setter has a getter of the same name. One thread at a time.
 */
public final class EtcdClientContext {
    /** Default of {@link #connectTimeout()}. */
    public static final Duration CONNECT_TIMEOUT_DEFAULT = Duration.ofSeconds(2);

    /** Default of {@link #requestTimeout()}. */
    public static final Duration REQUEST_TIMEOUT_DEFAULT = Duration.ofSeconds(2);

    /** Default of {@link #keepaliveTime()}; etcd ends connections that ask more often. */
    public static final Duration KEEPALIVE_TIME_DEFAULT = Duration.ofSeconds(5);

    /** Default of {@link #keepaliveTimeout()}. */
    public static final Duration KEEPALIVE_TIMEOUT_DEFAULT = Duration.ofSeconds(3);

    /** Default of {@link #maxInboundLength()}. */
    public static final int MAX_INBOUND_LENGTH_DEFAULT = 64 << 20;

    private List<String> endpoints = List.of();
    private String user;
    private String password;
    private Path caFile;
    private Path certificateFile;
    private Path keyFile;
    private String authority;
    private Duration connectTimeout = CONNECT_TIMEOUT_DEFAULT;
    private Duration requestTimeout = REQUEST_TIMEOUT_DEFAULT;
    private Duration keepaliveTime = KEEPALIVE_TIME_DEFAULT;
    private Duration keepaliveTimeout = KEEPALIVE_TIMEOUT_DEFAULT;
    private int maxInboundLength = MAX_INBOUND_LENGTH_DEFAULT;
    private Client client;
    private Supplier<EtcdKv> connector;

    /** Creates a context with default settings and no endpoints. */
    public EtcdClientContext() {}

    /**
     * The members of the cluster.
     *
     * @param addresses {@code host:port}, or URIs of scheme http or https; best all members.
     * @return this.
     */
    public EtcdClientContext endpoints(final String... addresses) {
        endpoints = List.of(addresses);
        return this;
    }

    /**
     * The members of the cluster.
     *
     * @return as they were set; empty by default.
     */
    public List<String> endpoints() {
        return endpoints;
    }

    /**
     * Name and password, for a cluster with authentication. Tokens that expire are renewed.
     *
     * @param userName name of the user.
     * @param userPassword of the user.
     * @return this.
     */
    public EtcdClientContext user(final String userName, final String userPassword) {
        user = userName;
        password = userPassword;
        return this;
    }

    /**
     * The name of the user.
     *
     * @return the name; null, for none, by default.
     */
    public String user() {
        return user;
    }

    /**
     * The certificates of the authorities that vouch for the cluster. Turns TLS on.
     *
     * @param file of certificates in PEM; null for those the JVM trusts.
     * @return this.
     */
    public EtcdClientContext caFile(final Path file) {
        caFile = file;
        return this;
    }

    /**
     * The certificates of the authorities that vouch for the cluster.
     *
     * @return the file; null by default.
     */
    public Path caFile() {
        return caFile;
    }

    /**
     * The certificate by which the cluster knows this client. Turns TLS on.
     *
     * @param certificates file of the certificate chain in PEM.
     * @param key file of its private key in PEM, PKCS #8, without password.
     * @return this.
     */
    public EtcdClientContext certificate(final Path certificates, final Path key) {
        certificateFile = certificates;
        keyFile = key;
        return this;
    }

    /**
     * The certificate by which the cluster knows this client.
     *
     * @return the file; null by default.
     */
    public Path certificateFile() {
        return certificateFile;
    }

    /**
     * The private key of the client's certificate.
     *
     * @return the file; null by default.
     */
    public Path keyFile() {
        return keyFile;
    }

    /**
     * The host name that the certificates of the cluster carry, when it is not that of the
     * endpoints.
     *
     * @param name host name, or {@code host:port}.
     * @return this.
     */
    public EtcdClientContext authority(final String name) {
        authority = name;
        return this;
    }

    /**
     * The host name that the certificates of the cluster carry.
     *
     * @return the name; null, for that of the endpoint, by default.
     */
    public String authority() {
        return authority;
    }

    /**
     * Longest time for a connection to be made.
     *
     * @param timeout more than zero.
     * @return this.
     */
    public EtcdClientContext connectTimeout(final Duration timeout) {
        connectTimeout = timeout;
        return this;
    }

    /**
     * Longest time for a connection to be made.
     *
     * @return the timeout; 2 s by default.
     */
    public Duration connectTimeout() {
        return connectTimeout;
    }

    /**
     * Longest time to wait for one answer. A request without answer is sent again where that does
     * no harm.
     *
     * @param timeout more than zero.
     * @return this.
     */
    public EtcdClientContext requestTimeout(final Duration timeout) {
        requestTimeout = timeout;
        return this;
    }

    /**
     * Longest time to wait for one answer.
     *
     * @return the timeout; 2 s by default.
     */
    public Duration requestTimeout() {
        return requestTimeout;
    }

    /**
     * How connections are found dead: an idle one is asked for a sign of life.
     *
     * @param time after which it is asked; not below the server's {@code
     *     --grpc-keepalive-min-time}, 5 s by default.
     * @param timeout for the sign of life.
     * @return this.
     */
    public EtcdClientContext keepalive(final Duration time, final Duration timeout) {
        keepaliveTime = time;
        keepaliveTimeout = timeout;
        return this;
    }

    /**
     * How long a connection is idle before it is asked for a sign of life.
     *
     * @return the time; 5 s by default.
     */
    public Duration keepaliveTime() {
        return keepaliveTime;
    }

    /**
     * How long a sign of life may take.
     *
     * @return the timeout; 3 s by default.
     */
    public Duration keepaliveTimeout() {
        return keepaliveTimeout;
    }

    /**
     * The largest answer to take.
     *
     * @param length in bytes, at least 4 MiB.
     * @return this.
     */
    public EtcdClientContext maxInboundLength(final int length) {
        maxInboundLength = length;
        return this;
    }

    /**
     * The largest answer to take. Answers this large come when a follower catches up.
     *
     * @return the length in bytes; 64 MiB by default.
     */
    public int maxInboundLength() {
        return maxInboundLength;
    }

    /**
     * A client of the caller's, which is used as it is and not closed; all other settings here save
     * the request timeout are then without effect. It should have deadlines of its own, and must
     * not retry transactions by itself.
     *
     * @param jetcdClient the client.
     * @return this.
     */
    public EtcdClientContext client(final Client jetcdClient) {
        client = jetcdClient;
        return this;
    }

    /**
     * A client of the caller's.
     *
     * @return the client; null, for one that is made and closed by the store, by default.
     */
    public Client client() {
        return client;
    }

    String password() {
        return password;
    }

    boolean isTls() {
        return caFile != null
                || certificateFile != null
                || endpoints.stream().anyMatch(e -> e.startsWith("https:"));
    }

    /** The endpoints as URIs, with the scheme that fits. */
    List<URI> uris() {
        final List<URI> uris = new ArrayList<>();
        for (final String endpoint : endpoints) {
            try {
                final URI uri =
                        URI.create(
                                endpoint.contains("://")
                                        ? endpoint
                                        : (isTls() ? "https://" : "http://") + endpoint);
                require(
                        ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                                && uri.getHost() != null
                                && uri.getPort() > 0,
                        "endpoints must be host:port, or http or https URIs with a port: "
                                + endpoint);
                uris.add(uri);
            } catch (final IllegalArgumentException e) {
                throw new IllegalArgumentException("endpoints must be host:port: " + endpoint, e);
            }
        }
        return uris;
    }

    /** How the cluster is called in messages. */
    String location() {
        final StringBuilder text = new StringBuilder("etcd://");
        for (final String endpoint : endpoints) {
            text.append(text.length() > 7 ? "," : "")
                    .append(
                            endpoint.substring(
                                    endpoint.indexOf("://") < 0 ? 0 : endpoint.indexOf("://") + 3));
        }
        return text.append(endpoints.isEmpty() ? "client" : "").toString();
    }

    /** Another way to reach a cluster than jetcd: the seam for tests. */
    EtcdClientContext connector(final Supplier<EtcdKv> kvConnector) {
        connector = kvConnector;
        return this;
    }

    EtcdClientContext copy() {
        final EtcdClientContext copy = new EtcdClientContext();
        copy.endpoints = endpoints;
        copy.user = user;
        copy.password = password;
        copy.caFile = caFile;
        copy.certificateFile = certificateFile;
        copy.keyFile = keyFile;
        copy.authority = authority;
        copy.connectTimeout = connectTimeout;
        copy.requestTimeout = requestTimeout;
        copy.keepaliveTime = keepaliveTime;
        copy.keepaliveTimeout = keepaliveTimeout;
        copy.maxInboundLength = maxInboundLength;
        copy.client = client;
        copy.connector = connector;
        return copy;
    }

    /** Connects; nothing is sent yet. */
    EtcdKv connect() {
        return connector == null ? JetcdConnection.open(this) : connector.get();
    }

    void conclude() {
        if (client == null && connector == null) {
            require(!endpoints.isEmpty(), "endpoints must be set");
            concludeTls();
        }
        uris();
        requirePositive("connectTimeout", connectTimeout);
        requirePositive("requestTimeout", requestTimeout);
        requirePositive("keepaliveTime", keepaliveTime);
        requirePositive("keepaliveTimeout", keepaliveTimeout);
        require(
                (user == null) == (password == null),
                "user and password must be set both or neither: user=" + user);
        require(
                maxInboundLength >= 4 << 20,
                "maxInboundLength must be at least 4 MiB: " + maxInboundLength);
    }

    private void concludeTls() {
        require(
                (certificateFile == null) == (keyFile == null),
                "certificate and key must be set both or neither: certificate="
                        + certificateFile
                        + " key="
                        + keyFile);
        requireFile("caFile", caFile);
        requireFile("certificateFile", certificateFile);
        requireFile("keyFile", keyFile);
    }

    private static void requireFile(final String setting, final Path file) {
        require(file == null || Files.isReadable(file), setting + " cannot be read: " + file);
    }

    static void requirePositive(final String setting, final Duration value) {
        Objects.requireNonNull(value, setting);
        require(
                !value.isNegative() && !value.isZero(),
                setting + " must be more than zero: " + value);
    }

    static void require(final boolean condition, final String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
