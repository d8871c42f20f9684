package io.wal.cli;

import io.wal.LogCatalog;
import io.wal.etcd.EtcdClientContext;
import io.wal.etcd.EtcdLogCatalog;
import io.wal.etcd.EtcdLogInspector;
import io.wal.etcd.EtcdLogStore;
import io.wal.etcd.EtcdStoreContext;
import io.wal.inspect.LogInspector;
import io.wal.store.LogStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A log in an etcd cluster, or a place for logs there. Apart from this class and what it makes, no
 * command knows the client of etcd, which takes its time to load.
 */
final class EtcdAddress implements StoreAddress {
    private static final String PREFIX = "etcd://";
    private static final String FORM = "etcd://host:port[,host:port...]/name";
    private static final Pattern ENDPOINT =
            Pattern.compile("(\\[[0-9A-Fa-f:.%]+]|[A-Za-z0-9._-]+):([0-9]{1,5})");

    /** How much longer than a lease an owner is waited for. */
    private static final Duration LEASE_GRACE = Duration.ofSeconds(5);

    /** What fails is told by the command, in one line. Held here, for loggers are weakly held. */
    private static final Logger CLIENT_LOGGER = Logger.getLogger("io.grpc");

    private final List<String> endpoints;
    private final String name;
    private final EtcdSettings settings;

    private EtcdAddress(
            final List<String> endpoints, final String name, final EtcdSettings settings) {
        this.endpoints = endpoints;
        this.name = name;
        this.settings = settings;
    }

    static boolean isOne(final String text) {
        return text.startsWith("etcd:");
    }

    static EtcdAddress parse(final String text) {
        if (!text.startsWith(PREFIX)) {
            throw new UsageException("no cluster in " + text + "; give " + FORM);
        }
        final String rest = text.substring(PREFIX.length());
        if (rest.indexOf('@') >= 0) { // perhaps with a password, which must not be shown
            throw new UsageException(
                    "a user in the address; give --user, and the password in WAL_ETCD_PASSWORD or"
                            + " --password-file");
        }
        final int slash = rest.indexOf('/');
        final List<String> endpoints = new ArrayList<>();
        for (final String endpoint : (slash < 0 ? rest : rest.substring(0, slash)).split(",", -1)) {
            final Matcher matcher = ENDPOINT.matcher(endpoint);
            if (!matcher.matches() || !isPort(Integer.parseInt(matcher.group(2)))) {
                throw new UsageException(
                        "not a host and port: '" + endpoint + "' in " + text + "; give " + FORM);
            }
            endpoints.add(endpoint);
        }
        final String name = slash < 0 ? "" : rest.substring(slash + 1);
        return new EtcdAddress(endpoints, name.isEmpty() ? null : name, EtcdSettings.DEFAULT);
    }

    /** The same place, reached in another way. */
    EtcdAddress with(final EtcdSettings others) {
        return new EtcdAddress(endpoints, name, others);
    }

    @Override
    public LogStore store(final StoreSettings storeSettings) {
        if (storeSettings.segmentLength() != 0 || storeSettings.direct()) {
            throw new UsageException(
                    "--segment-length and --direct are for logs in directories, not for " + this);
        }
        return checked(
                () ->
                        new EtcdLogStore(
                                logContext()
                                        .createIfMissing(storeSettings.createIfMissing())
                                        .firstLsn(storeSettings.firstLsn())));
    }

    @Override
    public Duration patience() {
        if (settings.acquire() != null && settings.acquire() != AcquireMode.WAIT) {
            return Duration.ZERO;
        }
        return settings.acquireTimeout() == null
                ? new EtcdStoreContext().leaseTtl().plus(LEASE_GRACE)
                : settings.acquireTimeout();
    }

    @Override
    public EtcdAddress withoutPatience() {
        return with(settings.acquiring(AcquireMode.FAIL, null));
    }

    @Override
    public LogInspector inspector() {
        return checked(() -> new EtcdLogInspector(logContext()));
    }

    @Override
    public LogCatalog catalog() {
        if (name != null) {
            throw new UsageException(
                    "logs in etcd hold no logs; leave out the name: "
                            + PREFIX
                            + String.join(",", endpoints));
        }
        return checked(() -> new EtcdLogCatalog(context()));
    }

    @Override
    public void remove() {
        final EtcdStoreContext context = logContext();
        try (LogCatalog catalog = checked(() -> new EtcdLogCatalog(context))) {
            checked(
                    () -> {
                        catalog.remove(name);
                        return null;
                    });
        }
    }

    /** A batch is a transaction; how often the members force is theirs to know. */
    @Override
    public long forceCount(final LogStore store) {
        return -1;
    }

    @Override
    public ScratchPlace scratch(final String purpose) {
        return EtcdScratch.of(
                new EtcdAddress(
                        endpoints,
                        "wal-" + purpose + "-" + UUID.randomUUID().toString().substring(0, 8),
                        settings.stealing()));
    }

    @Override
    public List<String> options() {
        return settings.options();
    }

    @Override
    public String toString() {
        return PREFIX + String.join(",", endpoints) + (name == null ? "" : '/' + name);
    }

    private EtcdStoreContext logContext() {
        if (name == null) {
            throw new UsageException("no name in " + this + "; give " + FORM);
        }
        return context().name(name);
    }

    private EtcdStoreContext context() {
        CLIENT_LOGGER.setLevel(Level.OFF);
        final EtcdClientContext client =
                new EtcdClientContext()
                        .endpoints(
                                endpoints.stream()
                                        .map(e -> settings.tls() ? "https://" + e : e)
                                        .toArray(String[]::new))
                        .caFile(settings.caFile())
                        .certificate(settings.certificateFile(), settings.keyFile())
                        .authority(settings.authority());
        if (settings.user() != null) {
            client.user(settings.user(), settings.password());
        }
        final EtcdStoreContext context = new EtcdStoreContext().clientContext(client);
        if (settings.root() != null) {
            context.root(settings.root());
        }
        if (settings.acquire() != null) {
            context.acquirePolicy(
                    EtcdStoreContext.AcquirePolicy.valueOf(
                            settings.acquire().name().toUpperCase(Locale.ROOT)));
        }
        if (settings.acquire() == null || settings.acquire() == AcquireMode.WAIT) {
            context.acquireTimeout(patience());
        }
        return context;
    }

    /** What the store refuses came from the arguments. */
    private static <T> T checked(final Supplier<T> supplier) {
        try {
            return supplier.get();
        } catch (final IllegalArgumentException e) {
            throw new UsageException(e.getMessage(), e);
        }
    }

    private static boolean isPort(final int number) {
        return number >= 1 && number <= 65_535;
    }
}
