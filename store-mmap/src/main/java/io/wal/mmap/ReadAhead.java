package io.wal.mmap;

import io.wal.store.OwnThreads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.BufferUtil;
import org.agrona.LangUtil;

/**
 * Reads a file chunk by chunk on a thread of its own, a few chunks ahead of the one consumer that
 * looks at them: copying bytes out of the page cache takes as long as checking them. Between {@link
 * #start} and {@link #stop} the file must stay open; behind {@code stop} it is not touched any
 * more.
 */
final class ReadAhead implements AutoCloseable {
    /** Most bytes of a chunk. */
    static final int CHUNK_LENGTH = 1 << 16;

    /** Space before each chunk, for the begin of a record that the chunk goes on with. */
    static final int HEADROOM = 3 * CHUNK_LENGTH;

    /** How many chunks there are. */
    static final int CHUNK_COUNT = 8;

    /**
     * The thread that found no free chunk sleeps until so many are: to wake it takes longer than to
     * read a chunk.
     */
    private static final int RESUME_COUNT = CHUNK_COUNT / 2;

    private final String name;
    private final Lock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Chunk> free = new ArrayDeque<>();
    private final Deque<Chunk> ready = new ArrayDeque<>();
    private Thread thread;
    private DiskFile file; // null when there is nothing to read
    private long position;
    private long end;
    private boolean busy;
    private boolean closed;

    /** A part of a file, from {@link #HEADROOM} on in its buffer. */
    static final class Chunk {
        private final ByteBuffer bytes = ByteBuffer.allocateDirect(HEADROOM + CHUNK_LENGTH);
        private int length;
        private Throwable failure;

        ByteBuffer bytes() {
            return bytes;
        }

        /** How many bytes were read. */
        int length() {
            return length;
        }

        private void read(final DiskFile from, final long position, final long end) {
            length = 0;
            failure = null;
            bytes.clear().position(HEADROOM);
            bytes.limit(HEADROOM + (int) Math.min(CHUNK_LENGTH, end - position));
            try {
                length = from.read(bytes, position);
            } catch (final Throwable t) { // the consumer's to throw, in its turn
                failure = t;
            }
        }

        private boolean isLast() {
            return failure != null || length < CHUNK_LENGTH;
        }
    }

    /**
     * Creates one. Its thread is started when there is something to read.
     *
     * @param name of the log, for the thread's name.
     */
    ReadAhead(final String name) {
        this.name = name;
    }

    /**
     * Begins to read.
     *
     * @param from stays the caller's.
     * @param fromPosition of the first byte.
     * @param toPosition behind the last byte.
     */
    void start(final DiskFile from, final long fromPosition, final long toPosition) {
        stop();
        lock.lock();
        try {
            if (thread == null) {
                begin();
            }
            file = from;
            position = fromPosition;
            end = toPosition;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The next chunk, to be given back by {@link #release} before the next but one is asked for,
     * else this may wait for ever; null when all was read that there is. Waits for it, and is not
     * interrupted.
     */
    Chunk next() throws IOException {
        lock.lock();
        try {
            while (ready.isEmpty() && (file != null || busy)) {
                changed.awaitUninterruptibly();
            }
            final Chunk chunk = ready.poll();
            if (chunk != null && chunk.failure != null) {
                free.add(chunk);
                LangUtil.rethrowUnchecked(chunk.failure);
            }
            return chunk;
        } finally {
            lock.unlock();
        }
    }

    /** Takes back a chunk whose bytes are no longer needed. */
    void release(final Chunk chunk) {
        lock.lock();
        try {
            free.add(chunk);
            if (free.size() == RESUME_COUNT) { // none were free when it fell asleep
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Lets go of the file, and of chunks that nobody took. */
    void stop() {
        lock.lock();
        try {
            file = null;
            while (busy) {
                changed.awaitUninterruptibly();
            }
            free.addAll(ready);
            ready.clear();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the thread. Chunks that were not given back must not be looked at any more. */
    @Override
    public void close() {
        stop();
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
            for (final Chunk chunk : free) {
                BufferUtil.free(chunk.bytes);
            }
            free.clear();
        } finally {
            lock.unlock();
        }
        if (thread != null) {
            OwnThreads.join(thread);
        }
    }

    private void begin() {
        while (free.size() < CHUNK_COUNT) {
            free.add(new Chunk());
        }
        final Thread reader = new Thread(this::run, "wal-read-ahead-" + name);
        reader.setDaemon(true);
        reader.start(); // may fail for want of memory: then there is none to wait for
        thread = reader;
    }

    private void run() {
        lock.lock();
        try {
            while (!closed) {
                if (file == null || free.isEmpty()) {
                    changed.awaitUninterruptibly();
                } else {
                    readChunk();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Reads the next chunk; the lock is held before and after, and not meanwhile. */
    private void readChunk() {
        final Chunk chunk = free.poll();
        final DiskFile from = file;
        final long at = position;
        final long to = end;
        busy = true;
        lock.unlock();
        try {
            chunk.read(from, at, to);
        } finally {
            lock.lock();
            busy = false;
        }
        position = at + chunk.length;
        if (chunk.isLast() || position == to) {
            file = null;
        }
        ready.add(chunk); // when stopped meanwhile, it is stop's to take back
        changed.signalAll();
    }
}
