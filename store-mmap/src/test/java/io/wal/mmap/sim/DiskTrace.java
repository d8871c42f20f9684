package io.wal.mmap.sim;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * All that a disk was asked for, with all arguments, and what each crash left: two runs that have
 * the same trace did the same. Contents are summed up by a checksum.
 */
final class DiskTrace {
    private final List<String> lines = new ArrayList<>();
    private final CRC32C checksum = new CRC32C();

    /** An operation is asked for, with numbers and a content that mean what they do there. */
    void add(
            final DiskOperation operation,
            final Path path,
            final long position,
            final long length,
            final ByteBuffer content) {
        checksum.reset();
        if (content != null) {
            checksum.update(content.duplicate());
        }
        lines.add(
                operation
                        + " "
                        + path
                        + " "
                        + position
                        + " "
                        + length
                        + " "
                        + Long.toHexString(checksum.getValue()));
    }

    /** A crash left these files. */
    void addCrash(final String kind, final Map<Path, byte[]> files) {
        checksum.reset();
        files.forEach(
                (path, content) -> {
                    checksum.update(path.toString().getBytes());
                    checksum.update(content);
                });
        lines.add(kind + " " + files.keySet() + " " + Long.toHexString(checksum.getValue()));
    }

    List<String> lines() {
        return lines;
    }
}
