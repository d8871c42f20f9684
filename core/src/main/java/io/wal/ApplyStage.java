package io.wal;

import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import io.wal.store.AppendEvent;
import org.agrona.ErrorHandler;

/** Hands acknowledged entries to the caller's apply handler: the last stage, when there is one. */
final class ApplyStage implements StageProcessor.Stage {
    private final EntryHandler handler;
    private final Acknowledgements acknowledgements;
    private final OverflowPool overflowPool;
    private final ErrorHandler errorHandler;

    ApplyStage(
            final EntryHandler handler,
            final Acknowledgements acknowledgements,
            final OverflowPool overflowPool,
            final ErrorHandler errorHandler) {
        this.handler = handler;
        this.acknowledgements = acknowledgements;
        this.overflowPool = overflowPool;
        this.errorHandler = errorHandler;
    }

    @Override
    public void onEvent(final AppendEvent event, final long sequence, final boolean endOfBatch) {
        try {
            if (isApplicable(event)) {
                handler.onEntry(
                        event.lsn(),
                        event.kind() == RecordKind.DATA ? EntryKind.DATA : EntryKind.CHECKPOINT,
                        event.frame(),
                        RecordDescriptor.HEADER_LENGTH,
                        event.payloadLength());
            }
        } catch (final Throwable t) { // whatever the handler does, the log goes on
            CompletionHandler.report(errorHandler, t);
        }
        CompletionHandler.release(event, acknowledgements, overflowPool);
    }

    private boolean isApplicable(final AppendEvent event) {
        return !event.isClose()
                && event.kind() != RecordKind.VOID
                && acknowledgements.failureOf(event.lsn(), event.durability()) == null;
    }
}
