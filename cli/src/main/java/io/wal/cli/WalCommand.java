package io.wal.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The program itself; its commands are in {@link CommandTable}. */
@Command(
        name = "wal",
        scope = ScopeType.INHERIT, // each command shows the exit codes
        mixinStandardHelpOptions = true,
        versionProvider = WalCommand.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "A write-ahead log: ordered, checksummed, made durable in groups.",
            "",
            "STORE is "
                    + StoreAddress.FORMS
                    + ". Only append and checkpoint create a log. Data goes to standard "
                    + "output, talk to standard error."
        },
        commandListHeading = "%nCommands:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:sound; a torn tail, the normal trace of a crash, is sound",
            "1:any other failure, such as a closed output or a format that is too new",
            "2:wrong usage, malformed input, or an input file that cannot be read",
            "3:damage to acknowledged data",
            "4:the log is in use or owned by another",
            "5:storage failure: an I/O error, a full disk, not a directory, or no log there"
        },
        footer = {
            "",
            "Examples:",
            "  seq 1000 | wal append /tmp/log",
            "  wal recover /tmp/log | tail -3",
            "  wal demo"
        })
final class WalCommand {
    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description =
                    "When the command fails, also print where in the program, for a bug report.")
    private boolean stackTrace;

    boolean isStackTraceWanted() {
        return stackTrace;
    }

    /** The version of the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            final String version = WalMain.class.getPackage().getImplementationVersion();
            return new String[] {"wal " + (version == null ? "(not from a jar)" : version)};
        }
    }
}
