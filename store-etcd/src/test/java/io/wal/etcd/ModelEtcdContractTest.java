package io.wal.etcd;

/** The contract of all stores over the model of etcd. */
class ModelEtcdContractTest extends EtcdStoreContract {
    private final ModelEtcd etcd = new ModelEtcd(System::nanoTime);

    @Override
    EtcdClientContext client() {
        return new EtcdClientContext().connector(() -> new LocalKv(etcd));
    }
}
