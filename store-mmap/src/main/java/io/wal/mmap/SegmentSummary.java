package io.wal.mmap;

import io.wal.mmap.RecoveryTable.End;
import io.wal.record.MarkerDescriptor;
import io.wal.record.RecordKind;
import java.io.IOException;

/**
 * What the records of a segment say, up to the last that is sound and in its turn.
 *
 * @param end how they end.
 * @param nextLsn that an entry behind them would have.
 * @param offset where they end, a seal left out.
 * @param checksum running over them, a seal left out.
 * @param durableLsn the last that one of them names as durable; 0 when none does.
 * @param startLsn of the last finalized checkpoint; 0 when none was finalized.
 * @param endLsn of the last finalized checkpoint; 0 when none was finalized.
 * @param sealedLength of the file as the seal says; 0 without one.
 */
record SegmentSummary(
        End end,
        long nextLsn,
        long offset,
        long checksum,
        long durableLsn,
        long startLsn,
        long endLsn,
        long sealedLength) {

    /** Is told of each record, on which the scanner stands. */
    interface RecordListener {
        void onRecord() throws IOException;
    }

    /**
     * Goes through the records.
     *
     * @param scanner to move.
     * @param standsOnRecord whether it stands on the first of them already.
     * @param listener is told of each.
     */
    static SegmentSummary read(
            final SegmentScanner scanner,
            final boolean standsOnRecord,
            final RecordListener listener)
            throws IOException {
        End end = End.BROKEN;
        long offset = standsOnRecord ? scanner.offset() : scanner.nextOffset();
        long checksum = scanner.runningChecksum();
        long durableLsn = 0;
        long startLsn = 0;
        long endLsn = 0;
        long sealedLength = 0;
        boolean sound = standsOnRecord || scanner.next();
        while (sound) {
            listener.onRecord();
            final RecordKind kind = scanner.kind();
            end = kind == RecordKind.CLOSE ? End.CLOSED : End.BROKEN;
            if (!kind.isEntry()) {
                if (MarkerDescriptor.namesDurableLsn(kind)) {
                    durableLsn =
                            Math.max(
                                    durableLsn, scanner.field(MarkerDescriptor.DURABLE_LSN_OFFSET));
                }
                if (kind == RecordKind.SEAL) {
                    end = End.SEALED;
                    sealedLength = scanner.field(MarkerDescriptor.SEGMENT_LENGTH_OFFSET);
                    break;
                }
                if (kind == RecordKind.FINALIZE) {
                    startLsn = Math.max(startLsn, scanner.field(MarkerDescriptor.START_LSN_OFFSET));
                    endLsn = Math.max(endLsn, scanner.lsn());
                }
            }
            offset = scanner.nextOffset();
            checksum = scanner.runningChecksum();
            sound = scanner.next();
        }
        return new SegmentSummary(
                end,
                scanner.nextLsn(),
                offset,
                checksum,
                durableLsn,
                startLsn,
                endLsn,
                sealedLength);
    }
}
