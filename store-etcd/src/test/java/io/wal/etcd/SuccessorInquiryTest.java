package io.wal.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.FencedException;
import io.wal.WalException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SuccessorInquiryTest {
    private static final long[] NONE = {};

    private long keptLsn;
    private WalException cause;

    /** Closing gives up while the thread that was told of the successor is about to begin. */
    @Test
    void givenUpBeforeItBeganItSaysThatTheOutcomeIsUnknown() {
        final SuccessorInquiry inquiry = inquiry(null);

        inquiry.endWithoutAnswer("the log was closed");

        assertThat(keptLsn).isEqualTo(SuccessorInquiry.UNKNOWN);
        assertThat(cause)
                .isInstanceOf(FencedException.class)
                .hasMessageContaining("the log was closed")
                .hasMessageContaining("it is not known which entries in flight are in the log");
    }

    @Test
    void givenUpWithNothingInFlightItKnowsTheOutcome() {
        final SuccessorInquiry inquiry = inquiry(new SilentKv());

        inquiry.begin(new InFlight(5, NONE, NONE));
        inquiry.endWithoutAnswer("the log was closed");

        assertThat(keptLsn).isEqualTo(5);
        assertThat(cause).hasMessageContaining("entries up to LSN 5 are in the log, none above is");
    }

    private SuccessorInquiry inquiry(final EtcdKv kv) {
        final EtcdStoreContext context =
                new EtcdStoreContext()
                        .clientContext(new EtcdClientContext().endpoints("localhost:1"))
                        .name("log");
        return new SuccessorInquiry(
                new PatientReads(kv, new SystemTiming("test"), context),
                new KeyLayout("wal", "log"),
                1,
                7,
                context.location(),
                (lastKeptLsn, failure) -> {
                    keptLsn = lastKeptLsn;
                    cause = failure;
                });
    }

    /** Never answers. */
    private static final class SilentKv extends KvDelegate {
        SilentKv() {
            super(null);
        }

        @Override
        public CompletableFuture<KvAnswer> txn(final KvTxn txn) {
            return new CompletableFuture<>();
        }
    }
}
