package io.wal.etcd;

import static io.wal.etcd.EtcdClientContext.require;
import static io.wal.etcd.EtcdClientContext.requirePositive;

import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The settings of a log kept in etcd, or of a root that holds several. Each setter has a getter of
 * the same name. How to reach the cluster is a context of its own, {@link #clientContext()}. One
 * thread at a time; the store takes a copy.
 */
public final class EtcdStoreContext {
    /** Default of {@link #root()}. */
    public static final String ROOT_DEFAULT = "wal";

    /** Default of {@link #hedgeAfter()}. */
    public static final Duration HEDGE_AFTER_DEFAULT = Duration.ofMillis(250);

    /** Default of {@link #giveUpAfter()}. */
    public static final Duration GIVE_UP_AFTER_DEFAULT = Duration.ofSeconds(60);

    /** Default of {@link #leaseTtl()}. */
    public static final Duration LEASE_TTL_DEFAULT = Duration.ofSeconds(10);

    /** Default of {@link #window()}. */
    public static final int WINDOW_DEFAULT = 4;

    /** Default of {@link #maxBatchLength()}. */
    public static final int MAX_BATCH_LENGTH_DEFAULT = 256 << 10;

    /** Default of {@link #maxPayloadLength()}. */
    public static final int MAX_PAYLOAD_LENGTH_DEFAULT = 1 << 20;

    /** Default of {@link #pageLength()}. */
    public static final int PAGE_LENGTH_DEFAULT = 4 << 20;

    private EtcdClientContext clientContext = new EtcdClientContext();
    private String root = ROOT_DEFAULT;
    private String name;
    private Duration hedgeAfter = HEDGE_AFTER_DEFAULT;
    private Duration giveUpAfter = GIVE_UP_AFTER_DEFAULT;
    private Duration leaseTtl = LEASE_TTL_DEFAULT;
    private AcquirePolicy acquirePolicy = AcquirePolicy.WAIT;
    private Duration acquireTimeout;
    private int window = WINDOW_DEFAULT;
    private int maxBatchLength = MAX_BATCH_LENGTH_DEFAULT;
    private int maxPayloadLength = MAX_PAYLOAD_LENGTH_DEFAULT;
    private int pageLength = PAGE_LENGTH_DEFAULT;
    private boolean compactAfterTrim;
    private long quota;
    private boolean createIfMissing = true;
    private long firstLsn = 1;
    private Consumer<String> warningHandler;
    private Supplier<Timing> timing;
    private Supplier<String> incarnations;

    /** What opening does when the log has an owner. */
    public enum AcquirePolicy {
        /**
         * It waits until the owner is gone or its lease has run out, for {@link #acquireTimeout()}
         * at most.
         */
        WAIT,
        /** It fails with a {@link io.wal.LogInUseException} that names the owner. */
        FAIL,
        /**
         * It takes the log. The owner, if it lives, learns that it was deposed and stores nothing
         * more. Also the way to open a log whose cluster was restored from a backup: what was
         * acknowledged after the backup is gone then.
         */
        STEAL
    }

    /** Creates a context with default settings. */
    public EtcdStoreContext() {}

    /**
     * The members of the cluster; short for the setter of the {@link #clientContext()}.
     *
     * @param addresses {@code host:port}, or URIs of scheme http or https.
     * @return this.
     */
    public EtcdStoreContext endpoints(final String... addresses) {
        clientContext.endpoints(addresses);
        return this;
    }

    /**
     * How to reach the cluster.
     *
     * @param context the context; copied when a log is opened.
     * @return this.
     */
    public EtcdStoreContext clientContext(final EtcdClientContext context) {
        clientContext = Objects.requireNonNull(context, "clientContext");
        return this;
    }

    /**
     * How to reach the cluster.
     *
     * @return the context, to be changed in place or replaced.
     */
    public EtcdClientContext clientContext() {
        return clientContext;
    }

    /**
     * The prefix of all keys. Roles of etcd can be granted by it.
     *
     * @param prefix 1 to 128 characters of {@code A-Z a-z 0-9 . _ -} and single slashes, neither
     *     first nor last.
     * @return this.
     */
    public EtcdStoreContext root(final String prefix) {
        root = prefix;
        return this;
    }

    /**
     * The prefix of all keys.
     *
     * @return the prefix; "wal" by default.
     */
    public String root() {
        return root;
    }

    /**
     * The name of the log. There is no default.
     *
     * @param logName 1 to 128 characters of {@code A-Z a-z 0-9 . _ -}, not beginning with a dot.
     * @return this.
     */
    public EtcdStoreContext name(final String logName) {
        name = logName;
        return this;
    }

    /**
     * The name of the log.
     *
     * @return the name; null when none was set.
     */
    public String name() {
        return name;
    }

    /**
     * After how long without an answer a batch is sent a second time, to another member; later as
     * long as the cluster answers nothing that was sent after it.
     *
     * @param delay zero to never do so.
     * @return this.
     */
    public EtcdStoreContext hedgeAfter(final Duration delay) {
        hedgeAfter = delay;
        return this;
    }

    /**
     * After how long without an answer a batch is sent a second time.
     *
     * @return the delay; 250 ms by default.
     */
    public Duration hedgeAfter() {
        return hedgeAfter;
    }

    /**
     * How long a batch is sent again and again before the log fails.
     *
     * @param time more than zero.
     * @return this.
     */
    public EtcdStoreContext giveUpAfter(final Duration time) {
        giveUpAfter = time;
        return this;
    }

    /**
     * How long a batch is sent again and again before the log fails.
     *
     * @return the time; 60 s by default.
     */
    public Duration giveUpAfter() {
        return giveUpAfter;
    }

    /**
     * How long an owner that died keeps others waiting.
     *
     * @param ttl whole seconds, at least 2; the server may grant more.
     * @return this.
     */
    public EtcdStoreContext leaseTtl(final Duration ttl) {
        leaseTtl = ttl;
        return this;
    }

    /**
     * How long an owner that died keeps others waiting. An owner that lives loses nothing when its
     * lease runs out, unless another takes the log.
     *
     * @return the time; 10 s by default.
     */
    public Duration leaseTtl() {
        return leaseTtl;
    }

    /**
     * What opening does when the log has an owner.
     *
     * @param policy to follow.
     * @return this.
     */
    public EtcdStoreContext acquirePolicy(final AcquirePolicy policy) {
        acquirePolicy = policy;
        return this;
    }

    /**
     * What opening does when the log has an owner.
     *
     * @return the policy; {@link AcquirePolicy#WAIT} by default.
     */
    public AcquirePolicy acquirePolicy() {
        return acquirePolicy;
    }

    /**
     * How long {@link AcquirePolicy#WAIT} waits.
     *
     * @param timeout zero or more.
     * @return this.
     */
    public EtcdStoreContext acquireTimeout(final Duration timeout) {
        acquireTimeout = timeout;
        return this;
    }

    /**
     * How long {@link AcquirePolicy#WAIT} waits.
     *
     * @return the timeout; null, for {@link #leaseTtl()} and 5 s, by default: enough to outwait an
     *     owner that died.
     */
    public Duration acquireTimeout() {
        return acquireTimeout;
    }

    /**
     * How many batches are under way at a time. Twice as many may be unacknowledged, for
     * acknowledgements come in order.
     *
     * @param batchCount 1 to 64; beyond 4 little is gained.
     * @return this.
     */
    public EtcdStoreContext window(final int batchCount) {
        window = batchCount;
        return this;
    }

    /**
     * How many batches are under way at a time. Entries that come meanwhile make the next batch
     * larger.
     *
     * @return the count; 4 by default.
     */
    public int window() {
        return window;
    }

    /**
     * Most bytes of records in a batch.
     *
     * @param length in bytes, 1 KiB to 1 MiB.
     * @return this.
     */
    public EtcdStoreContext maxBatchLength(final int length) {
        maxBatchLength = length;
        return this;
    }

    /**
     * Most bytes of records in a batch. A larger record makes a batch of its own.
     *
     * @return the length in bytes; 256 KiB by default.
     */
    public int maxBatchLength() {
        return maxBatchLength;
    }

    /**
     * The largest payload that the store keeps. Above 1 MiB the servers must be told so with {@code
     * --max-request-bytes}, which is 1.5 MiB by default and counts the whole request.
     *
     * @param length in bytes, 1 to 8 MiB.
     * @return this.
     */
    public EtcdStoreContext maxPayloadLength(final int length) {
        maxPayloadLength = length;
        return this;
    }

    /**
     * The largest payload that the store keeps.
     *
     * @return the length in bytes; 1 MiB by default.
     */
    public int maxPayloadLength() {
        return maxPayloadLength;
    }

    /**
     * How much is read at a time.
     *
     * @param length in bytes, 64 KiB to 16 MiB.
     * @return this.
     */
    public EtcdStoreContext pageLength(final int length) {
        pageLength = length;
        return this;
    }

    /**
     * How much is read at a time, about. Reading a log takes about four times as much memory.
     *
     * @return the length in bytes; 4 MiB by default.
     */
    public int pageLength() {
        return pageLength;
    }

    /**
     * Whether the cluster is told to forget old revisions when a checkpoint has made batches
     * superfluous. That concerns everything in the cluster: for clusters that hold logs only.
     * Others compact by themselves, with {@code --auto-compaction-retention}.
     *
     * @param compact whether to do so.
     * @return this.
     */
    public EtcdStoreContext compactAfterTrim(final boolean compact) {
        compactAfterTrim = compact;
        return this;
    }

    /**
     * Whether the cluster is told to forget old revisions when a checkpoint has made batches
     * superfluous.
     *
     * @return false by default.
     */
    public boolean compactAfterTrim() {
        return compactAfterTrim;
    }

    /**
     * The space quota of the servers, {@code --quota-backend-bytes}, so that a warning comes before
     * they are full.
     *
     * @param length in bytes; 0 when it is not known.
     * @return this.
     */
    public EtcdStoreContext quota(final long length) {
        quota = length;
        return this;
    }

    /**
     * The space quota of the servers.
     *
     * @return the length in bytes; 0, for no warning, by default.
     */
    public long quota() {
        return quota;
    }

    /**
     * Whether opening makes a log when there is none.
     *
     * @param create whether to do so.
     * @return this.
     */
    public EtcdStoreContext createIfMissing(final boolean create) {
        createIfMissing = create;
        return this;
    }

    /**
     * Whether opening makes a log when there is none.
     *
     * @return true by default; if false, opening fails with a {@link io.wal.LogNotFoundException}
     *     then.
     */
    public boolean createIfMissing() {
        return createIfMissing;
    }

    /**
     * The LSN of the first entry of a log that is created. A log that is there goes on where it
     * ends, whatever is set here.
     *
     * <p>For the copy of a log that does not begin at LSN 1 any more because a checkpoint has
     * released its begin: its entries keep their LSNs. A log that begins further on is the same as
     * one whose entries before were released.
     *
     * @param lsn from 1 to 2^62.
     * @return this.
     */
    public EtcdStoreContext firstLsn(final long lsn) {
        firstLsn = lsn;
        return this;
    }

    /**
     * The LSN of the first entry of a log that is created.
     *
     * @return the LSN; 1 by default.
     */
    public long firstLsn() {
        return firstLsn;
    }

    /**
     * Told, in words, of what needs somebody's attention and stops nothing yet: space that runs
     * out, a lease that was lost.
     *
     * @param handler called on any thread; must not wait.
     * @return this.
     */
    public EtcdStoreContext warningHandler(final Consumer<String> handler) {
        warningHandler = handler;
        return this;
    }

    /**
     * Told of what needs somebody's attention.
     *
     * @return the handler; by default one that logs to the {@link System.Logger} {@code io.wal}.
     */
    public Consumer<String> warningHandler() {
        return warningHandler;
    }

    /** Warns. A handler that throws harms nothing. */
    void warn(final String message) {
        try {
            warningHandler.accept(message);
        } catch (final RuntimeException e) {
            System.getLogger("io.wal").log(System.Logger.Level.WARNING, message, e);
        }
    }

    EtcdStoreContext timing(final Supplier<Timing> supplier) {
        timing = supplier;
        return this;
    }

    EtcdStoreContext incarnations(final Supplier<String> supplier) {
        incarnations = supplier;
        return this;
    }

    Timing newTiming() {
        return timing == null ? new SystemTiming(name == null ? "catalog" : name) : timing.get();
    }

    String newIncarnation() {
        return incarnations == null ? UUID.randomUUID().toString() : incarnations.get();
    }

    KeyLayout keys() {
        return new KeyLayout(root, name);
    }

    /** How the log is called in messages. */
    String location() {
        return clientContext.location() + '/' + (name == null ? "" : name);
    }

    /** A copy for a log of another name, or of the same. */
    EtcdStoreContext copy(final String logName) {
        return new EtcdStoreContext()
                .clientContext(clientContext.copy())
                .root(root)
                .name(logName)
                .hedgeAfter(hedgeAfter)
                .giveUpAfter(giveUpAfter)
                .leaseTtl(leaseTtl)
                .acquirePolicy(acquirePolicy)
                .acquireTimeout(acquireTimeout)
                .window(window)
                .maxBatchLength(maxBatchLength)
                .maxPayloadLength(maxPayloadLength)
                .pageLength(pageLength)
                .compactAfterTrim(compactAfterTrim)
                .quota(quota)
                .createIfMissing(createIfMissing)
                .firstLsn(firstLsn)
                .warningHandler(warningHandler)
                .timing(timing)
                .incarnations(incarnations);
    }

    /** Checks every setting and fills in the defaults. */
    EtcdStoreContext conclude() {
        require(KeyLayout.isName(name), "name must be " + KeyLayout.NAME_RULE + ": " + name);
        concludeRoot();
        require(
                hedgeAfter != null && !hedgeAfter.isNegative(),
                "hedgeAfter must not be negative: " + hedgeAfter);
        requirePositive("giveUpAfter", giveUpAfter);
        require(
                leaseTtl != null && leaseTtl.toSeconds() >= 2 && leaseTtl.getNano() == 0,
                "leaseTtl must be whole seconds, at least 2: " + leaseTtl);
        Objects.requireNonNull(acquirePolicy, "acquirePolicy");
        if (acquireTimeout == null) {
            acquireTimeout = leaseTtl.plusSeconds(5);
        }
        require(
                !acquireTimeout.isNegative(),
                "acquireTimeout must not be negative: " + acquireTimeout);
        require(window >= 1 && window <= 64, "window must be from 1 to 64: " + window);
        require(
                maxBatchLength >= 1 << 10 && maxBatchLength <= 1 << 20,
                "maxBatchLength must be from 1 KiB to 1 MiB: " + maxBatchLength);
        require(
                maxPayloadLength >= 1 && maxPayloadLength <= 8 << 20,
                "maxPayloadLength must be from 1 to 8 MiB: " + maxPayloadLength);
        require(
                firstLsn >= 1 && firstLsn <= 1L << 62,
                "firstLsn must be from 1 to 2^62: " + firstLsn);
        require(quota >= 0, "quota must not be negative: " + quota);
        return this;
    }

    /** Checks what is needed to look at logs, and fills in the defaults. */
    EtcdStoreContext concludeRoot() {
        require(KeyLayout.isRoot(root), "root must be " + KeyLayout.ROOT_RULE + ": " + root);
        require(
                pageLength >= 64 << 10 && pageLength <= 16 << 20,
                "pageLength must be from 64 KiB to 16 MiB: " + pageLength);
        clientContext.conclude();
        if (warningHandler == null) {
            final System.Logger logger = System.getLogger("io.wal");
            warningHandler = message -> logger.log(System.Logger.Level.WARNING, message);
        }
        return this;
    }
}
