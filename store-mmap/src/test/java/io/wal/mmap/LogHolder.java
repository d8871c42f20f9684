package io.wal.mmap;

import io.wal.WalException;
import io.wal.WriteAheadLog;
import java.io.IOException;
import java.nio.file.Path;

/** A process that opens a log, says so or why not, and holds it until its input ends. */
final class LogHolder {
    private LogHolder() {}

    public static void main(final String[] arguments) throws IOException {
        try (WriteAheadLog log = new LogFixture(Path.of(arguments[0])).open()) {
            LogFixture.recover(log);
            System.out.println("open");
            while (System.in.read() >= 0) {
                // until the end
            }
        } catch (final WalException e) {
            System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }
}
