package io.wal.store;

/** What the parts of the contract have in common. */
interface Harnessed {
    /** Opens, crashes and reopens logs over the medium of this test. */
    LogHarness harness();
}
