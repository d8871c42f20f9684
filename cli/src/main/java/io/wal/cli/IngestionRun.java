package io.wal.cli;

import io.wal.LogClosedException;
import io.wal.WalException;

/**
 * Ends an {@link Ingestion}, once: at the end of its input or at its failure on the caller's
 * thread, or before, when the process is asked to end. What was queued is made durable and
 * acknowledged in each case.
 */
final class IngestionRun {
    private final Console console;
    private final LogSession session;
    private final Ingestion ingestion;
    private final Ending ending;
    private final boolean json;
    private final long startNs = System.nanoTime();
    private final Thread hook = new Thread(this::terminate, "wal-terminate");
    private volatile boolean terminating;
    private boolean done;
    private Throwable failure;

    /** What is done with the entries at last. */
    interface Ending {
        /** Called when all of the input was appended and is durable, before the log is closed. */
        void complete();

        /** What became of the entries, as a participle. */
        String description();
    }

    IngestionRun(
            final Console console,
            final LogSession session,
            final Ingestion ingestion,
            final Ending ending,
            final boolean json) {
        this.console = console;
        this.session = session;
        this.ingestion = ingestion;
        this.ending = ending;
        this.json = json;
    }

    /** Runs to the end; throws the failure that ended it. */
    int run() throws Exception {
        Runtime.getRuntime().addShutdownHook(hook);
        ingestion.await();
        final Throwable reason = end();
        if (terminating) {
            return ExitCode.FAILURE; // the process ends already, with another code
        }
        removeHook();
        if (reason instanceof Error e) {
            throw e;
        }
        if (reason != null) {
            throw (Exception) reason;
        }
        return ExitCode.SOUND;
    }

    private void terminate() {
        terminating = true;
        ingestion.stop();
        final Throwable reason = end();
        if (reason != null) {
            console.warn(Reason.of(reason));
        }
    }

    private synchronized Throwable end() {
        if (!done) {
            done = true;
            final Throwable logFailure = endLog();
            final double seconds = (System.nanoTime() - startNs) / 1e9;
            ingestion.finishAcks(() -> terminating);
            failure = firstFailure(logFailure, ingestion.inputFailure(), ingestion.outputFailure());
            final IngestionSummary summary = ingestion.summary(ending.description(), seconds);
            console.say(json ? summary.json() : summary.text());
        }
        return failure;
    }

    private Throwable endLog() {
        Throwable first = null;
        try {
            session.drain(() -> terminating);
            if (ingestion.isInputEnded() && !terminating) {
                ending.complete();
            }
        } catch (final WalException e) {
            first = e;
        }
        try {
            session.close();
        } catch (final WalException e) {
            first = first == null ? e : first;
        }
        return first;
    }

    /**
     * The log's failure says most; the others are told beside it unless they only follow from it.
     */
    private Throwable firstFailure(
            final Throwable ofLog, final Throwable ofInput, final OutputException ofOutput) {
        Throwable first = ofLog;
        if (ofInput != null && !(ofInput instanceof LogClosedException)) {
            if (first == null) {
                first = ofInput;
            } else if (!(ofInput instanceof WalException)) {
                console.warn(Reason.of(ofInput));
            }
        }
        if (ofOutput == null) {
            return first;
        }
        console.warn(
                (ofOutput.isClosedPipe() ? "standard output was closed" : Reason.of(ofOutput))
                        + "; no more input was read"
                        + (first == null ? ", and what was appended before is durable" : ""));
        return first == null ? new OutputException(ofOutput) : first;
    }

    private void removeHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (final IllegalStateException e) {
            // the process ends already
        }
    }
}
