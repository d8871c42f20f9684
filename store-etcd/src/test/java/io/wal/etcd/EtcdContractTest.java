package io.wal.etcd;

import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract of all stores on a real etcd server. */
class EtcdContractTest extends EtcdStoreContract {
    @RegisterExtension static final EtcdCluster CLUSTER = EtcdCluster.ofMembers(1);

    @Override
    EtcdClientContext client() {
        return new EtcdClientContext().endpoints(CLUSTER.endpoints());
    }

    @Override
    protected int manyEntries() {
        return 500;
    }
}
