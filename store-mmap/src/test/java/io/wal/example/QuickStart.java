package io.wal.example;

import io.wal.WalContext;
import io.wal.WriteAheadLog;
import io.wal.mmap.MmapLogStore;
import io.wal.mmap.MmapStoreContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;

/** The example of the README, which repeats the marked lines. */
final class QuickStart {
    private QuickStart() {}

    static void run(final Path directory) {
        // README begin
        var store = new MmapLogStore(new MmapStoreContext().directory(directory));
        try (var log = WriteAheadLog.open(new WalContext().store(store))) {
            log.recover(
                    (lsn, kind, buffer, offset, length) ->
                            System.out.println(
                                    lsn + " " + buffer.getStringWithoutLengthUtf8(offset, length)));

            var order = new UnsafeBuffer("buy 100 ACME".getBytes(StandardCharsets.UTF_8));
            long lsn = log.append(order, 0, order.capacity()); // queued: returns at once
            log.awaitDurable(lsn); // on stable storage

            try (var checkpoint = log.startCheckpoint()) { // what lies before it is released
                checkpoint.append(order, 0, order.capacity());
                checkpoint.finalizeCheckpoint();
            }
        }
        // README end
    }
}
