package io.wal.cli;

import io.wal.Durability;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.util.List;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.HelpCommand;

/**
 * The commands of the program. Only the one that is called is made, unless all are to be listed: a
 * command line is often called in a loop, and reading the options of a dozen classes takes longer
 * than most of them run.
 */
final class CommandTable {
    private static final List<String> NAMES =
            List.of(
                    "append",
                    "checkpoint",
                    "recover",
                    "dump",
                    "verify",
                    "repair",
                    "info",
                    "stat",
                    "ls",
                    "remove",
                    "copy",
                    "bench",
                    "doctor",
                    "demo",
                    "generate-completion",
                    "help");

    private CommandTable() {}

    /** The command line for these arguments. */
    static CommandLine commandLine(
            final Console console, final WalCommand root, final String... args) {
        final CommandLine line = new CommandLine(root);
        if (args.length > 0 && NAMES.contains(args[0]) && !needsAll(args[0])) {
            line.addSubcommand(args[0], command(args[0], console));
        } else {
            NAMES.forEach(name -> line.addSubcommand(name, command(name, console)));
        }
        return line.setOut(new PrintWriter(new OutputStreamWriter(console.out()), true))
                .setErr(new PrintWriter(console.err(), true))
                .setColorScheme(Help.defaultColorScheme(Help.Ansi.OFF))
                .registerConverter(EntryFormat.class, EntryFormat::parse)
                .registerConverter(AcquireMode.class, AcquireMode::parse)
                .registerConverter(Durability.class, DurabilityNames::parse)
                .setExpandAtFiles(false)
                .setUsageHelpAutoWidth(false)
                .setUsageHelpWidth(100);
    }

    private static boolean needsAll(final String name) {
        return name.equals("generate-completion") || name.equals("help");
    }

    private static Object command(final String name, final Console console) {
        return switch (name) {
            case "append" -> new AppendCommand(console);
            case "checkpoint" -> new CheckpointCommand(console);
            case "recover" -> new RecoverCommand(console);
            case "dump" -> new DumpCommand(console);
            case "verify" -> new VerifyCommand(console);
            case "repair" -> new RepairCommand(console);
            case "info" -> new InfoCommand(console);
            case "stat" -> new StatCommand(console);
            case "ls" -> new ListCommand(console);
            case "remove" -> new RemoveCommand(console);
            case "copy" -> new CopyCommand(console);
            case "bench" -> new BenchCommand(console);
            case "doctor" -> new DoctorCommand(console);
            case "demo" -> new DemoCommand(console);
            case "generate-completion" -> new GenerateCompletion();
            case "help" -> new HelpCommand();
            default -> throw new IllegalArgumentException(name);
        };
    }
}
