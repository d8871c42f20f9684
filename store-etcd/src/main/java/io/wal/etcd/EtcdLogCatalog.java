package io.wal.etcd;

import io.wal.LogCatalog;
import io.wal.LogInUseException;
import io.wal.LogNotFoundException;
import io.wal.store.LogStore;
import java.util.ArrayList;
import java.util.List;

/** The logs under one root of an etcd cluster. One thread at a time. */
public final class EtcdLogCatalog implements LogCatalog {
    private static final int PAGE = 1000;

    private final EtcdStoreContext context;
    private final Connection connection;

    /**
     * Creates a catalog. Nothing is asked yet.
     *
     * @param context the settings, of which a copy is taken: endpoints and root, for {@link
     *     #remove} the acquire policy, and for {@link #store} all others. The name is without
     *     effect.
     * @throws IllegalArgumentException when a setting is out of range.
     */
    public EtcdLogCatalog(final EtcdStoreContext context) {
        this.context = context.copy(null).concludeRoot();
        connection = new Connection(this.context);
    }

    /**
     * The logs there are.
     *
     * @return their names, sorted.
     * @throws io.wal.StorageException when the cluster does not answer.
     */
    @Override
    public List<String> names() {
        final String root = context.root();
        final List<String> names = new ArrayList<>();
        String from = KeyLayout.registrationsBegin(root);
        while (true) {
            final KvPage page =
                    connection
                            .calls()
                            .read(
                                    KvRange.of(from, KeyLayout.registrationsEnd(root))
                                            .keys()
                                            .first(PAGE));
            for (final KvEntry entry : page.entries()) {
                final String name = KeyLayout.nameOf(root, entry.key());
                if (KeyLayout.isName(name)) {
                    names.add(name);
                }
                from = entry.key() + '\0';
            }
            if (page.isEmpty()) {
                return names;
            }
        }
    }

    @Override
    public LogStore store(final String name) {
        return new EtcdLogStore(context.copy(name));
    }

    /**
     * Removes a log and everything it holds.
     *
     * @param name of the log.
     * @throws LogNotFoundException when there is no such log.
     * @throws LogInUseException when it has a writer, unless the acquire policy is {@link
     *     EtcdStoreContext.AcquirePolicy#STEAL}; also when another takes it meanwhile.
     * @throws io.wal.StorageException when the cluster does not answer.
     */
    @Override
    public void remove(final String name) {
        final EtcdStoreContext log = context.copy(name).conclude();
        final Calls calls = connection.calls();
        final LogState state = LogState.read(calls, log.keys());
        if (state.registration() == null) {
            throw new LogNotFoundException(
                    log.location(), "there is no key " + log.keys().registration());
        }
        if (state.owner() != null && log.acquirePolicy() != EtcdStoreContext.AcquirePolicy.STEAL) {
            throw new LogInUseException(log.location(), Ownership.describeOwner(state, calls));
        }
        LogRemoval.remove(calls, log.keys(), log.newIncarnation(), state.epochRevision());
    }

    @Override
    public void close() {
        connection.close();
    }
}
