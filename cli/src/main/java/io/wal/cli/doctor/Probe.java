package io.wal.cli.doctor;

import java.io.Closeable;
import java.io.IOException;

/** A prepared file that is written to in one way, batch after batch, and from its begin again. */
interface Probe extends Closeable {
    /** Does beforehand what another thread would have done ahead of a batch of that length. */
    void touch(int length);

    /** Writes a batch and makes it durable. */
    void write(int length) throws IOException;

    @Override
    void close() throws IOException;
}
