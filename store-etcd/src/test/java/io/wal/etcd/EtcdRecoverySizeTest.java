package io.wal.etcd;

import static io.wal.etcd.EtcdFixture.context;
import static org.assertj.core.api.Assertions.assertThat;

import io.wal.WalContext;
import io.wal.WriteAheadLog;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Opening a log takes a memory that does not depend on how long it is. */
class EtcdRecoverySizeTest {
    @RegisterExtension
    static final EtcdCluster CLUSTER =
            EtcdCluster.ofMembers(
                    1, "--snapshot-count", "100", "--quota-backend-bytes", Long.toString(4L << 30));

    private static final int PAYLOAD_LENGTH = 1000;

    @Test
    void logLargerThanTheHeapIsRecovered() throws Exception {
        recoverInLittleMemory(60_000, "-Xmx32m");
    }

    @Test
    @Tag("long")
    void gigabyteIsRecoveredInAHeapOf128Megabytes() throws Exception {
        final long beginNs = System.nanoTime();

        final long tookMs = recoverInLittleMemory(1_100_000, "-Xmx128m");

        System.out.println(
                "recovered in "
                        + tookMs
                        + " ms, the start of the JVM included; written and recovered in "
                        + (System.nanoTime() - beginNs) / 1_000_000
                        + " ms");
    }

    /** Returns how many milliseconds the process took that recovered. */
    private static long recoverInLittleMemory(final int count, final String heap) throws Exception {
        final EtcdStoreContext context = context(CLUSTER);
        final UnsafeBuffer payload = new UnsafeBuffer(new byte[PAYLOAD_LENGTH]);
        try (WriteAheadLog log =
                WriteAheadLog.open(
                        new WalContext()
                                .store(new EtcdLogStore(context))
                                .slotLength(2048)
                                .ringCapacity(1024))) {
            log.recover((lsn, kind, buffer, offset, length) -> {});
            for (int i = 0; i < count; i++) {
                payload.putInt(0, i);
                log.append(payload, 0, PAYLOAD_LENGTH);
            }
            log.flush();
        }

        final long beginNs = System.nanoTime();
        final String found = RecoveryProcess.run(context, heap);

        assertThat(found)
                .isEqualTo(count + " entries, " + (long) count * PAYLOAD_LENGTH + " bytes");
        return (System.nanoTime() - beginNs) / 1_000_000;
    }
}
