package io.wal.cli;

import io.wal.CorruptLogException;
import io.wal.LogFullException;
import io.wal.LogInUseException;
import io.wal.LogNotFoundException;
import io.wal.WalException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Tells failures in one line each: what was wrong, where, and what to do. */
final class FailureReport implements IExecutionExceptionHandler, IParameterExceptionHandler {
    private final Console console;
    private final WalCommand command;

    FailureReport(final Console console, final WalCommand command) {
        this.console = console;
        this.command = command;
    }

    @Override
    public int handleParseException(final ParameterException e, final String[] args) {
        console.warn(Reason.of(e));
        if (!UnmatchedArgumentException.printSuggestions(e, e.getCommandLine().getErr())) {
            console.say(
                    "Try '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
        }
        e.getCommandLine().getErr().flush();
        return ExitCode.USAGE;
    }

    @Override
    public int handleExecutionException(
            final Exception e, final CommandLine commandLine, final ParseResult result) {
        return report(e);
    }

    /** Tells a failure and gives the exit code. */
    int report(final Throwable failure) {
        if (!(failure instanceof OutputException e
                && (e.isTold() || e.isClosedPipe()))) { // a pipe into head just ends
            console.warn(message(failure));
        }
        if (command.isStackTraceWanted()) {
            failure.printStackTrace(console.err());
        }
        return ExitCode.of(failure);
    }

    private static String message(final Throwable failure) {
        final String reason = Reason.of(failure);
        final String advice = advice(failure);
        return advice == null ? reason : reason + "; " + advice;
    }

    private static String advice(final Throwable failure) {
        if (failure instanceof LogInUseException) {
            return "wait for it or stop it; info, verify and dump work beside it";
        }
        if (failure instanceof LogNotFoundException) {
            return "'wal append' creates a log, 'wal ls' lists the logs in a directory";
        }
        if (failure instanceof CorruptLogException) {
            return "keep a copy; 'wal verify' lists all damage, 'wal dump' prints what can be read";
        }
        if (failure instanceof LogFullException) {
            return "make room and run it again; nothing that was acknowledged is lost";
        }
        if (failure instanceof UsageException
                || failure instanceof OutputException
                || failure instanceof WalException
                || failure instanceof CopyException
                || failure instanceof ScratchException) {
            return null; // they say all there is to say
        }
        return "(" + failure.getClass().getSimpleName() + "; --stacktrace shows where)";
    }
}
