package io.wal.cli;

import io.wal.LogCatalog;
import io.wal.inspect.Damage;
import io.wal.inspect.LogInspector;
import io.wal.inspect.LogReport;
import io.wal.inspect.RecordVisitor;
import io.wal.inspect.SegmentReport;
import io.wal.record.RecordKind;
import io.wal.store.LogStore;
import java.util.function.LongConsumer;
import org.agrona.DirectBuffer;

/** Another address's log, of which it is seen what is read; something happens after each visit. */
final class Watched implements StoreAddress {
    private final StoreAddress log;
    private final Runnable afterVisit;
    int entryCount;

    Watched(final StoreAddress log, final Runnable afterVisit) {
        this.log = log;
        this.afterVisit = afterVisit;
    }

    @Override
    public LogStore store(final StoreSettings settings) {
        return log.store(settings);
    }

    @Override
    public LogInspector inspector() {
        return new Inspector(log.inspector());
    }

    @Override
    public LogCatalog catalog() {
        return log.catalog();
    }

    @Override
    public void remove() {
        log.remove();
    }

    @Override
    public long forceCount(final LogStore store) {
        return log.forceCount(store);
    }

    @Override
    public ScratchPlace scratch(final String purpose) {
        return log.scratch(purpose);
    }

    @Override
    public String toString() {
        return log.toString();
    }

    private final class Inspector implements LogInspector {
        private final LogInspector inspector;

        Inspector(final LogInspector inspector) {
            this.inspector = inspector;
        }

        @Override
        public LogReport info() {
            return inspector.info();
        }

        @Override
        public LogReport verify(final LongConsumer progress) {
            return inspector.verify(progress);
        }

        @Override
        public LogReport visit(final long fromLsn, final long toLsn, final RecordVisitor visitor) {
            final LogReport report =
                    inspector.visit(
                            fromLsn,
                            toLsn,
                            new RecordVisitor() {
                                @Override
                                public void onSegment(final SegmentReport segment) {
                                    visitor.onSegment(segment);
                                }

                                @Override
                                public void onRecord(
                                        final String segment,
                                        final long segmentOffset,
                                        final long lsn,
                                        final RecordKind kind,
                                        final DirectBuffer buffer,
                                        final int offset,
                                        final int length) {
                                    entryCount += kind.isEntry() ? 1 : 0;
                                    visitor.onRecord(
                                            segment,
                                            segmentOffset,
                                            lsn,
                                            kind,
                                            buffer,
                                            offset,
                                            length);
                                }

                                @Override
                                public void onDamage(final Damage damage) {
                                    visitor.onDamage(damage);
                                }
                            });
            afterVisit.run();
            return report;
        }

        @Override
        public void close() {
            inspector.close();
        }
    }
}
