package io.wal.etcd;

import io.wal.WalContext;
import io.wal.WriteAheadLog;
import java.util.List;

/** Opens a log in a process of its own, which has little memory, and says what it held. */
final class RecoveryProcess {
    private RecoveryProcess() {}

    /** Runs it; returns what it says: the number of entries and the bytes of their payloads. */
    static String run(final EtcdStoreContext context, final String... javaOptions)
            throws Exception {
        final List<String> command = WriterProcess.javaCommand(javaOptions);
        command.add(RecoveryProcess.class.getName());
        command.add(context.name());
        command.addAll(context.clientContext().endpoints());
        final Process process = WriterProcess.start(command);
        try (var lines = process.inputReader()) {
            final String line = lines.readLine();
            process.waitFor();
            return line;
        } finally {
            process.destroyForcibly();
        }
    }

    /** The process itself: name, endpoints. */
    public static void main(final String[] args) {
        final EtcdStoreContext context =
                new EtcdStoreContext()
                        .name(args[0])
                        .endpoints(List.of(args).subList(1, args.length).toArray(String[]::new));
        final long[] found = {0, 0};
        try (WriteAheadLog log =
                WriteAheadLog.open(new WalContext().store(new EtcdLogStore(context)))) {
            log.recover(
                    (lsn, kind, buffer, offset, length) -> {
                        found[0]++;
                        found[1] += length;
                    });
        } catch (final Throwable t) {
            System.out.println(t);
            System.exit(1);
        }
        System.out.println(found[0] + " entries, " + found[1] + " bytes");
        System.exit(0);
    }
}
