package io.wal.mmap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * The files of one log: what they are called, and how their headers and the control file are read
 * and written. Holds no open file.
 *
 * <pre>
 *  control.wal                      where the log begins, and which opening was the last; see ControlDescriptor
 *  segment-0000000000000001.wal     records; the index in hexadecimal, so that a listing is log order
 *  spare-0000000000000001.wal       a retired segment, to be used again; its content means nothing
 *  *.tmp                            half made; means nothing
 *  removed.wal                      the control file of a log that is being removed, or a file that stands for it
 *  counters.wal                     what the last writer counted about itself; see CountersDescriptor
 *  lock                             locked by the writer, never deleted, always empty
 *  owner                            who the writer is, in words
 *  attic                            directory: what files were before a repair
 * </pre>
 */
final class LogDirectory {
    static final String CONTROL = "control.wal";
    static final String REMOVED = "removed.wal";
    static final String COUNTERS = "counters.wal";
    static final String LOCK = "lock";
    static final String OWNER = "owner";
    static final String ATTIC = "attic";
    private static final String SEGMENT_PREFIX = "segment-";
    private static final String SPARE_PREFIX = "spare-";
    private static final String SUFFIX = ".wal";
    private static final String TEMPORARY_SUFFIX = ".tmp";
    private static final int INDEX_DIGITS = 16;
    private static final Set<String> OTHERS = Set.of(LOCK, OWNER, COUNTERS, ATTIC);

    private final Disk disk;
    private final Path path;

    LogDirectory(final Disk disk, final Path path) {
        this.disk = disk;
        this.path = path;
    }

    /** What a directory holds, by kind of file. */
    static final class Listing {
        final NavigableMap<Long, String> segments = new TreeMap<>();
        final NavigableMap<Long, String> spares = new TreeMap<>();
        final List<String> temporaries = new ArrayList<>();
        final List<String> foreign = new ArrayList<>();
        boolean hasControl;
        boolean isBeingRemoved;

        boolean isLog() {
            return hasControl || !segments.isEmpty() && !isBeingRemoved;
        }
    }

    Disk disk() {
        return disk;
    }

    Path path() {
        return path;
    }

    Path resolve(final String name) {
        return path.resolve(name);
    }

    static String segmentName(final long index) {
        return SEGMENT_PREFIX + HexFormat.of().toHexDigits(index) + SUFFIX;
    }

    static String spareName(final long index) {
        return SPARE_PREFIX + HexFormat.of().toHexDigits(index) + SUFFIX;
    }

    static String temporaryName(final String name) {
        return name + TEMPORARY_SUFFIX;
    }

    Listing list() throws IOException {
        final Listing listing = new Listing();
        for (final String name : disk.list(path)) {
            final long segmentIndex = indexIn(name, SEGMENT_PREFIX);
            final long spareIndex = indexIn(name, SPARE_PREFIX);
            if (segmentIndex > 0) {
                listing.segments.put(segmentIndex, name);
            } else if (spareIndex > 0) {
                listing.spares.put(spareIndex, name);
            } else if (name.equals(CONTROL)) {
                listing.hasControl = true;
            } else if (name.equals(REMOVED)) {
                listing.isBeingRemoved = true;
            } else if (isOwnTemporary(name)) {
                listing.temporaries.add(name);
            } else if (!OTHERS.contains(name)) {
                listing.foreign.add(name);
            }
        }
        Collections.sort(listing.foreign);
        return listing;
    }

    /** The control file's state; null when there is no such file or neither slot is sound. */
    Control readControl() throws IOException {
        final ByteBuffer buffer = ByteBuffer.allocate(ControlDescriptor.FILE_LENGTH);
        try (DiskFile file = disk.open(resolve(CONTROL), Disk.OpenMode.READ)) {
            file.read(buffer, 0);
        } catch (final NoSuchFileException e) {
            return null;
        }
        Control newest = null;
        for (int slot = 0; slot < ControlDescriptor.SLOT_COUNT; slot++) {
            final Control control =
                    ControlDescriptor.decode(
                            buffer,
                            slot * ControlDescriptor.SLOT_DISTANCE,
                            resolve(CONTROL).toString());
            if (control != null && (newest == null || control.sequence() > newest.sequence())) {
                newest = control;
            }
        }
        return newest;
    }

    /**
     * Writes a state of the control file into its slot, over the last but one or over itself, and
     * makes it durable. The state before it must be durable by then. Of one that was read nobody
     * knows, for its force may have failed or never come; so whoever read it writes it again first.
     */
    void writeControl(final Control control) throws IOException {
        try (DiskFile file = disk.open(resolve(CONTROL), Disk.OpenMode.WRITE)) {
            file.write(encoded(control), ControlDescriptor.slotOffset(control));
            file.force();
        }
    }

    /**
     * Creates the control file, which makes the directory a log. Durable only with the directory.
     */
    void createControl(final Control control) throws IOException {
        final Path temporary = resolve(temporaryName(CONTROL));
        disk.delete(temporary);
        try (DiskFile file = disk.open(temporary, Disk.OpenMode.CREATE)) {
            file.write(ByteBuffer.allocate(ControlDescriptor.FILE_LENGTH), 0);
            file.write(encoded(control), ControlDescriptor.slotOffset(control));
            file.force();
        }
        disk.rename(temporary, resolve(CONTROL));
    }

    /** The header of a segment; null when it is damaged. */
    SegmentHeader readHeader(final String name) throws IOException {
        try (DiskFile file = disk.open(resolve(name), Disk.OpenMode.READ)) {
            return readHeader(file, name);
        }
    }

    SegmentHeader readHeader(final DiskFile file, final String name) throws IOException {
        final ByteBuffer buffer = ByteBuffer.allocate(SegmentDescriptor.HEADER_LENGTH);
        final int available = file.read(buffer, 0);
        return SegmentDescriptor.decode(buffer, available, resolve(name).toString());
    }

    /**
     * Writes a header, in one sector, without making it durable. A whole page, for a part of one
     * that is not in memory would have to be read first.
     */
    static void writeHeader(final DiskFile file, final SegmentHeader header) throws IOException {
        final ByteBuffer buffer = ByteBuffer.allocate(SegmentDescriptor.PAGE_LENGTH);
        SegmentDescriptor.encode(header, buffer, 0);
        file.write(buffer, 0);
    }

    private static ByteBuffer encoded(final Control control) {
        final ByteBuffer buffer = ByteBuffer.allocate(ControlDescriptor.SLOT_LENGTH);
        ControlDescriptor.encode(control, buffer);
        return buffer;
    }

    /** The index in a name of the given kind, or 0 when it is not of that kind. */
    private static long indexIn(final String name, final String prefix) {
        final int digitsEnd = prefix.length() + INDEX_DIGITS;
        if (name.length() != digitsEnd + SUFFIX.length()
                || !name.startsWith(prefix)
                || !name.endsWith(SUFFIX)) {
            return 0;
        }
        for (int i = prefix.length(); i < digitsEnd; i++) {
            final char digit = name.charAt(i);
            if (!(digit >= '0' && digit <= '9' || digit >= 'a' && digit <= 'f')) {
                return 0;
            }
        }
        return HexFormat.fromHexDigitsToLong(name, prefix.length(), digitsEnd);
    }

    private static boolean isOwnTemporary(final String name) {
        if (!name.endsWith(TEMPORARY_SUFFIX)) {
            return false;
        }
        final String target = name.substring(0, name.length() - TEMPORARY_SUFFIX.length());
        return target.equals(CONTROL) || indexIn(target, SEGMENT_PREFIX) > 0;
    }
}
