package io.wal.mmap.sim;

import java.util.ArrayDeque;
import java.util.random.RandomGenerator;

/**
 * What lies in blocks that were never written: anything, and above all what deleted files left
 * there.
 */
final class Junk {
    private static final int MAX_FILE_COUNT = 4;

    private final ArrayDeque<byte[]> deleted = new ArrayDeque<>();

    void add(final byte[] content) {
        if (content.length >= CachedFile.SECTOR_LENGTH) {
            if (deleted.size() == MAX_FILE_COUNT) {
                deleted.removeFirst();
            }
            deleted.add(content);
        }
    }

    void fill(
            final RandomGenerator random, final byte[] target, final int offset, final int length) {
        int choice = random.nextInt(deleted.size() + 1);
        for (final byte[] content : deleted) {
            if (--choice == 0) {
                final int sector =
                        random.nextBoolean()
                                ? random.nextInt(content.length / length)
                                : Math.min(offset, content.length - length) / length;
                System.arraycopy(content, sector * length, target, offset, length);
                return;
            }
        }
        for (int i = offset; i < offset + length; i++) {
            target[i] = (byte) random.nextInt();
        }
    }

    Junk copy() {
        final Junk copy = new Junk();
        copy.deleted.addAll(deleted);
        return copy;
    }
}
