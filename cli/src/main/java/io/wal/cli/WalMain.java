package io.wal.cli;

import io.wal.AgronaAccess;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/** The program {@code wal}. */
public final class WalMain {
    /** Libraries that log by java.util.logging, without our knowing, do so in one line. */
    private static final String LOG_FORMAT_PROPERTY = "java.util.logging.SimpleFormatter.format";

    private WalMain() {}

    /**
     * Runs a command and ends the process with its exit code.
     *
     * @param args name of the command, and its arguments.
     */
    public static void main(final String[] args) {
        if (System.getProperty(LOG_FORMAT_PROPERTY) == null) {
            System.setProperty(LOG_FORMAT_PROPERTY, "wal: %4$s: %5$s (%3$s)%6$s%n");
        }
        System.exit(run(Console.ofProcess(), args));
    }

    /** Runs a command; the result is the exit code. */
    static int run(final Console console, final String... args) {
        final WalCommand root = new WalCommand();
        final FailureReport failures = new FailureReport(console, root);
        try {
            final CommandLine line = CommandTable.commandLine(console, root, args);
            line.setParameterExceptionHandler(failures);
            line.setExecutionExceptionHandler(failures);
            line.setExecutionStrategy(result -> execute(console, result));
            return line.execute(args);
        } catch (final Throwable t) { // an Error too: a person shall not see a stack trace
            return failures.report(t);
        }
    }

    private static int execute(final Console console, final ParseResult result) {
        if (!result.hasSubcommand()
                && !result.isUsageHelpRequested()
                && !result.isVersionHelpRequested()) {
            result.commandSpec().commandLine().usage(console.err());
            return ExitCode.USAGE;
        }
        final ParseResult last = result.hasSubcommand() ? result.subcommand() : result;
        if (last.commandSpec().userObject() instanceof Callable && !last.isUsageHelpRequested()) {
            try {
                AgronaAccess.check();
            } catch (final IllegalStateException e) {
                console.warn(e.getMessage());
                return ExitCode.FAILURE;
            }
        }
        return new RunLast().execute(result);
    }
}
