package io.wal.cli.doctor;

import io.wal.mmap.Disk;
import io.wal.mmap.DiskFile;
import io.wal.mmap.DiskMapping;
import java.io.IOException;
import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;

/** {@link WritePath#MAPPED}. */
final class MappedProbe implements Probe {
    private static final int PAGE_LENGTH = 4096;

    private final DiskMapping mapping;
    private final UnsafeBuffer buffer;
    private final UnsafeBuffer source;
    private int offset;

    MappedProbe(final Path path, final int fileLength, final UnsafeBuffer source)
            throws IOException {
        try (DiskFile file = Disk.REAL.open(path, Disk.OpenMode.WRITE)) {
            mapping = file.map(fileLength);
        }
        buffer = mapping.buffer();
        this.source = source;
    }

    @Override
    public void touch(final int length) {
        final int from = begin(length);
        for (int at = from & -PAGE_LENGTH; at < from + length; at += PAGE_LENGTH) {
            buffer.getAndAddLong(at, 0);
        }
    }

    @Override
    public void write(final int length) throws IOException {
        final int from = begin(length);
        buffer.putBytes(from, source, 0, length);
        mapping.force(from, length);
        offset = from + length;
    }

    @Override
    public void close() {
        mapping.close();
    }

    private int begin(final int length) {
        return offset + length > buffer.capacity() ? 0 : offset;
    }
}
