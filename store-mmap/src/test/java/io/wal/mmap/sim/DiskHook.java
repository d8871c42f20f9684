package io.wal.mmap.sim;

import java.io.IOException;
import java.nio.file.Path;

/** Called before each operation of a {@link SimulatedDisk}, on the thread that asks for it. */
@FunctionalInterface
public interface DiskHook {
    /**
     * Returns to let the operation happen, perhaps after a while; throws to let it fail.
     *
     * @param operation that was asked for.
     * @param path that it is about.
     * @throws IOException when the operation is to fail with it. A failed force leaves the pages
     *     clean but not durable, as Linux does; of a failed write the first half is done; anything
     *     else that fails has not happened.
     */
    void before(DiskOperation operation, Path path) throws IOException;
}
