package io.wal.child;

import io.wal.WalContext;
import io.wal.WriteAheadLog;
import io.wal.memory.InMemoryLogStore;
import io.wal.memory.InMemoryMedium;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What a user does first, in a JVM of its own. Not in a package of the library, which may be a
 * module here.
 */
public final class OpenLog {
    private OpenLog() {}

    /**
     * Opens a log and appends an entry.
     *
     * @param arguments none.
     */
    public static void main(final String[] arguments) {
        try (WriteAheadLog log =
                WriteAheadLog.open(
                        new WalContext()
                                .store(new InMemoryLogStore("child", new InMemoryMedium())))) {
            log.append(new UnsafeBuffer(ByteBuffer.allocate(8)), 0, 8);
            System.out.println("appended " + log.flush());
        } catch (final RuntimeException e) {
            System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }
}
