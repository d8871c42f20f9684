package io.wal.memory;

import io.wal.store.LogStore;
import io.wal.store.LogStoreContract;

class InMemoryLogStoreContractTest extends LogStoreContract {
    private InMemoryMedium medium = new InMemoryMedium();

    @Override
    protected LogStore newStore() {
        return new InMemoryLogStore("memory", medium);
    }

    @Override
    protected void useNewMedium() {
        medium = new InMemoryMedium();
    }

    @Override
    protected boolean canCrash() {
        return true;
    }

    @Override
    protected void crash(final LogStore store) {
        medium.crash();
    }
}
