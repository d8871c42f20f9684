package io.wal.mmap.sim;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The content of a file, as processes see it and as it is on the medium, and what may become of it
 * when the power goes.
 *
 * <p>A sector is <em>unforced</em> while the medium may hold something else than what is seen, and
 * <em>dirty</em> while the next force would write it; after a failed force it is the one without
 * the other.
 */
final class CachedFile implements DiskNode {
    static final int SECTOR_LENGTH = 512;
    static final int PAGE_LENGTH = 4096;
    private static final int MAX_OLDER_VERSIONS = 4;

    /** Names in the cache, open files and mappings; the space is taken until all are gone. */
    int useCount;

    private final BitSet dirty = new BitSet();
    private final BitSet unforced = new BitSet();

    /** Sectors that were once made durable: what a power cut leaves there was written there. */
    private final BitSet settled = new BitSet();

    private final List<ArrayDeque<byte[]>> olderVersions = new ArrayList<>();
    private final List<Integer> olderLengths = new ArrayList<>();

    private byte[] cache = new byte[0];
    private byte[] medium = new byte[0];

    /** What the cache held when it was last looked at; null unless mapped. */
    private byte[] noted;

    private int length;
    private int mediumLength;
    private int mappingCount;

    int length() {
        return length;
    }

    byte[] content() {
        return Arrays.copyOf(cache, length);
    }

    int read(final ByteBuffer target, final long position) {
        if (position >= length) {
            return 0;
        }
        final int count = (int) Math.min(target.remaining(), length - position);
        target.put(cache, (int) position, count);
        return count;
    }

    void write(final ByteBuffer source, final int position) {
        observe();
        final int end = position + source.remaining();
        if (end > length) {
            ensureCapacity(end);
            noteLength();
            length = end;
        }
        for (int sector = position / SECTOR_LENGTH; sector * SECTOR_LENGTH < end; sector++) {
            keepVersion(sector, cache);
        }
        final int count = source.remaining();
        source.get(cache, position, count);
        if (noted != null) {
            System.arraycopy(cache, position, noted, position, count);
        }
    }

    void truncate(final int newLength) {
        observe();
        noteLength();
        for (int sector = newLength / SECTOR_LENGTH; sector * SECTOR_LENGTH < length; sector++) {
            keepVersion(sector, cache);
        }
        Arrays.fill(cache, newLength, length, (byte) 0);
        if (noted != null) {
            Arrays.fill(noted, newLength, length, (byte) 0);
        }
        length = newLength;
    }

    /** The memory of the file, shared with the cache. */
    ByteBuffer map(final int mappedLength) {
        if (mappingCount++ == 0) {
            noted = cache.clone();
        }
        return ByteBuffer.wrap(cache, 0, mappedLength).slice();
    }

    void unmap() {
        observe();
        if (--mappingCount == 0) {
            noted = null;
        }
    }

    /** Finds what was stored through a mapping since the last look. */
    void observe() {
        if (noted == null) {
            return;
        }
        int from = 0;
        while (from < length) {
            final int mismatch = Arrays.mismatch(cache, from, length, noted, from, length);
            if (mismatch < 0) {
                return;
            }
            final int sector = (from + mismatch) / SECTOR_LENGTH;
            keepVersion(sector, noted);
            from = sector * SECTOR_LENGTH;
            System.arraycopy(cache, from, noted, from, SECTOR_LENGTH);
            from += SECTOR_LENGTH;
        }
    }

    void force() {
        forceSectors(0, cache.length / SECTOR_LENGTH);
        mediumLength = length;
        olderLengths.clear();
    }

    /** Whole pages, not the length of the file. */
    void force(final int offset, final int forcedLength) {
        forceSectors(firstSector(offset), endSector(offset, forcedLength));
    }

    /**
     * Linux calls the pages clean after a failed force; {@code revert} as some file systems do,
     * which read them anew.
     */
    void failForce(final int offset, final int forcedLength, final boolean revert) {
        observe();
        final int end = Math.min(endSector(offset, forcedLength), cache.length / SECTOR_LENGTH);
        for (int sector = dirty.nextSetBit(firstSector(offset));
                sector >= 0;
                sector = dirty.nextSetBit(sector + 1)) {
            if (sector >= end) {
                return;
            }
            dirty.clear(sector);
            if (revert) { // read anew, so what is seen is what is there
                final int from = sector * SECTOR_LENGTH;
                unforced.clear(sector);
                forgetOlderVersions(sector);
                System.arraycopy(medium, from, cache, from, SECTOR_LENGTH);
                if (noted != null) {
                    System.arraycopy(medium, from, noted, from, SECTOR_LENGTH);
                }
            }
        }
    }

    /** The process that had it mapped is gone: what that still stores is not seen any more. */
    void detach() {
        observe();
        if (mappingCount > 0) {
            cache = cache.clone();
            noted = null;
            mappingCount = 0;
        }
        useCount = 0;
    }

    /**
     * Chooses what the medium holds after a power cut, and makes that the content.
     *
     * @param junk what may be found in blocks never written; null for zeroes.
     */
    void loseUnforced(final RandomGenerator random, final Junk junk) {
        if (!olderLengths.isEmpty() || mediumLength != length) {
            final int choice = random.nextInt(olderLengths.size() + 2);
            if (choice > 0) {
                mediumLength = choice == 1 ? length : olderLengths.get(choice - 2);
            }
        }
        final double newChance = Chance.draw(random);
        for (int sector = unforced.nextSetBit(0);
                sector >= 0;
                sector = unforced.nextSetBit(sector + 1)) {
            final int from = sector * SECTOR_LENGTH;
            if (random.nextDouble() < newChance) {
                System.arraycopy(cache, from, medium, from, SECTOR_LENGTH);
                settled.set(sector);
            } else {
                final Collection<byte[]> older = olderVersions(sector);
                int choice = random.nextInt(older.size() + 1); // 0 leaves what is on the medium
                for (final byte[] version : older) {
                    if (--choice == 0) {
                        System.arraycopy(version, 0, medium, from, SECTOR_LENGTH);
                        settled.set(sector);
                    }
                }
            }
        }
        if (junk != null) {
            final double junkChance = Chance.draw(random);
            final int end = (mediumLength + SECTOR_LENGTH - 1) / SECTOR_LENGTH;
            for (int sector = settled.nextClearBit(0);
                    sector < end;
                    sector = settled.nextClearBit(sector + 1)) {
                if (random.nextDouble() < junkChance) {
                    junk.fill(random, medium, sector * SECTOR_LENGTH, SECTOR_LENGTH);
                }
            }
        }
        Arrays.fill(medium, mediumLength, medium.length, (byte) 0);
        settle();
    }

    /** Takes what is on the medium for what is seen. */
    private void settle() {
        length = mediumLength;
        System.arraycopy(medium, 0, cache, 0, medium.length); // nobody has it mapped any more
        dirty.clear();
        unforced.clear();
        olderVersions.clear();
        olderLengths.clear();
        settled.set(0, (length + SECTOR_LENGTH - 1) / SECTOR_LENGTH);
    }

    /** Makes what is seen durable, as if it had always been there. */
    void settleAsSeen() {
        Arrays.fill(cache, length, cache.length, (byte) 0);
        System.arraycopy(cache, 0, medium, 0, cache.length);
        mediumLength = length;
        settle();
    }

    CachedFile copy() {
        observe();
        final CachedFile copy = new CachedFile();
        copy.cache = cache.clone();
        copy.medium = medium.clone();
        copy.length = length;
        copy.mediumLength = mediumLength;
        copy.dirty.or(dirty);
        copy.unforced.or(unforced);
        copy.settled.or(settled);
        copy.olderLengths.addAll(olderLengths);
        for (final ArrayDeque<byte[]> older : olderVersions) {
            copy.olderVersions.add(older == null ? null : new ArrayDeque<>(older));
        }
        return copy;
    }

    private void forceSectors(final int first, final int end) {
        observe();
        for (int sector = dirty.nextSetBit(first);
                sector >= 0 && sector < end;
                sector = dirty.nextSetBit(sector + 1)) {
            final int from = sector * SECTOR_LENGTH;
            System.arraycopy(cache, from, medium, from, SECTOR_LENGTH);
            dirty.clear(sector);
            unforced.clear(sector);
            settled.set(sector);
            forgetOlderVersions(sector);
        }
    }

    /** A sector is about to change: what it was may be what the medium gets. */
    private void keepVersion(final int sector, final byte[] source) {
        final int from = sector * SECTOR_LENGTH;
        if (unforced.get(sector)) {
            while (olderVersions.size() <= sector) {
                olderVersions.add(null);
            }
            ArrayDeque<byte[]> older = olderVersions.get(sector);
            if (older == null) {
                older = new ArrayDeque<>(MAX_OLDER_VERSIONS);
                olderVersions.set(sector, older);
            } else if (older.size() == MAX_OLDER_VERSIONS) {
                older.removeFirst();
            }
            older.add(Arrays.copyOfRange(source, from, from + SECTOR_LENGTH));
        }
        unforced.set(sector);
        dirty.set(sector);
    }

    private void forgetOlderVersions(final int sector) {
        if (sector < olderVersions.size()) {
            olderVersions.set(sector, null);
        }
    }

    private Collection<byte[]> olderVersions(final int sector) {
        final Collection<byte[]> older =
                sector < olderVersions.size() ? olderVersions.get(sector) : null;
        return older == null ? List.of() : older;
    }

    private void noteLength() {
        if (length != mediumLength && olderLengths.size() < MAX_OLDER_VERSIONS) {
            olderLengths.add(length);
        }
    }

    private void ensureCapacity(final int needed) {
        if (needed > cache.length) {
            if (mappingCount > 0) {
                throw new IllegalStateException("the simulation cannot let a mapped file grow");
            }
            final int capacity = Math.max(PAGE_LENGTH, Integer.highestOneBit(needed - 1) << 1);
            cache = Arrays.copyOf(cache, capacity);
            medium = Arrays.copyOf(medium, capacity);
        }
    }

    private static int firstSector(final int offset) {
        return offset / PAGE_LENGTH * (PAGE_LENGTH / SECTOR_LENGTH);
    }

    private static int endSector(final int offset, final int forcedLength) {
        return (offset + forcedLength + PAGE_LENGTH - 1)
                / PAGE_LENGTH
                * (PAGE_LENGTH / SECTOR_LENGTH);
    }
}
