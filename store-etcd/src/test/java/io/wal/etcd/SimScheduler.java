package io.wal.etcd;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;

/**
 * Runs processes in virtual time, one thing after the other, in an order that the seed decides.
 * Code that waits runs on a thread of its own, of which one runs at a time: it hands over when it
 * waits, and is resumed when what it waits for has come.
 */
final class SimScheduler {
    private static final ExecutorService THREADS =
            Executors.newCachedThreadPool(
                    task -> {
                        final Thread thread = new Thread(task, "sim-actor");
                        thread.setDaemon(true);
                        return thread;
                    });

    private final Random random;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final List<Actor> actors = new ArrayList<>();
    private final Semaphore baton = new Semaphore(0);
    private final ThreadLocal<Actor> current = new ThreadLocal<>();
    private long nowNs = 1_000_000_000L;
    private long sequence;
    private Throwable failure;

    /** Thrown where a process waits that has been killed. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1;

        Killed() {
            super("killed", null, false, false);
        }
    }

    /** What lives, pauses and dies as one. */
    static final class Process {
        private final String name;
        private final List<Runnable> deferred = new ArrayList<>();
        private boolean dead;
        private boolean paused;

        Process(final String name) {
            this.name = name;
        }

        boolean isDead() {
            return dead;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private record Event(long atNs, long tie, Process process, Runnable task)
            implements Comparable<Event> {
        @Override
        public int compareTo(final Event other) {
            final int byTime = Long.compare(atNs, other.atNs);
            return byTime == 0 ? Long.compare(tie, other.tie) : byTime;
        }
    }

    private final class Actor {
        private final Process process;
        private final Semaphore turn = new Semaphore(0);
        private BooleanSupplier done;
        private long deadlineNs;
        private boolean ended;

        Actor(final Process process) {
            this.process = process;
        }

        boolean isReady() {
            return process.dead || !process.paused && (nowNs >= deadlineNs || done.getAsBoolean());
        }
    }

    SimScheduler(final Random random) {
        this.random = random;
    }

    Random random() {
        return random;
    }

    long nowNs() {
        return nowNs;
    }

    /**
     * Runs a task later; for a process, not when it is dead by then, and after its pause when it is
     * paused.
     */
    void schedule(final long delayNs, final Process process, final Runnable task) {
        events.add(new Event(nowNs + Math.max(0, delayNs), sequence++, process, task));
    }

    /** Starts code that waits. */
    void start(final Process process, final Runnable body) {
        final Actor actor = new Actor(process);
        actor.done = () -> true;
        actor.deadlineNs = Long.MAX_VALUE;
        actors.add(actor);
        THREADS.execute(
                () -> {
                    current.set(actor);
                    actor.turn.acquireUninterruptibly();
                    try {
                        if (!process.dead) {
                            body.run();
                        }
                    } catch (final Killed e) {
                        // as it should be
                    } catch (final Throwable t) {
                        failure = failure == null ? t : failure;
                    } finally {
                        actor.ended = true;
                        current.remove();
                        baton.release();
                    }
                });
    }

    /** Waits, on an actor's thread. */
    boolean await(final Process process, final BooleanSupplier done, final long timeoutNs) {
        final Actor actor = current.get();
        if (actor == null) {
            throw new IllegalStateException("only actors may wait");
        }
        if (process.dead) {
            throw new Killed();
        }
        if (done.getAsBoolean()) {
            return true;
        }
        actor.done = done;
        actor.deadlineNs = timeoutNs == Long.MAX_VALUE ? Long.MAX_VALUE : nowNs + timeoutNs;
        if (timeoutNs != Long.MAX_VALUE) {
            schedule(timeoutNs, null, () -> {});
        }
        baton.release();
        actor.turn.acquireUninterruptibly();
        if (process.dead) {
            throw new Killed();
        }
        return done.getAsBoolean();
    }

    void kill(final Process process) {
        process.dead = true;
    }

    void pause(final Process process, final long timeNs) {
        if (process.paused || process.dead) {
            return;
        }
        process.paused = true;
        schedule(
                timeNs,
                null,
                () -> {
                    process.paused = false;
                    process.deferred.forEach(task -> schedule(0, process, task));
                    process.deferred.clear();
                });
    }

    /** Runs until a time has come. */
    void run(final long untilNs) {
        run(untilNs, false);
    }

    /** Runs until all actors have ended. */
    void runToEnd(final long untilNs) {
        run(untilNs, true);
        if (!actors.isEmpty()) {
            throw new AssertionError("still running: " + actors.get(0).process);
        }
    }

    private void run(final long untilNs, final boolean toEnd) {
        while (failure == null) {
            resumeActors();
            if (events.isEmpty() || nowNs >= untilNs || toEnd && actors.isEmpty()) {
                break;
            }
            final Event event = events.poll();
            nowNs = Math.max(nowNs, event.atNs());
            runEvent(event);
        }
        if (failure != null) {
            killAll();
            throw new AssertionError(failure.toString(), failure);
        }
    }

    /** Ends what is left. */
    void killAll() {
        actors.forEach(actor -> actor.process.dead = true);
        resumeActors();
    }

    private void runEvent(final Event event) {
        final Process process = event.process();
        if (process != null && process.dead) {
            return;
        }
        if (process != null && process.paused) {
            process.deferred.add(event.task());
            return;
        }
        try {
            event.task().run();
        } catch (final Throwable t) {
            failure = failure == null ? t : failure;
        }
    }

    private void resumeActors() {
        while (true) {
            final List<Actor> ready = actors.stream().filter(Actor::isReady).toList();
            if (ready.isEmpty()) {
                return;
            }
            final Actor actor = ready.get(random.nextInt(ready.size()));
            actor.done = () -> false;
            actor.turn.release();
            baton.acquireUninterruptibly();
            if (actor.ended) {
                actors.remove(actor);
            }
        }
    }
}
