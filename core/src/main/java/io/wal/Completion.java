package io.wal;

/**
 * Told once how an append ended. Called on the completion thread, in LSN order; a slow completion
 * delays other completions, never a force. An exception it throws goes to {@link
 * WalContext#errorHandler} and harms nothing else.
 *
 * <p>It may append: with the forms that do not wait. The forms that wait throw {@link
 * IllegalStateException} on the completion thread when they would have to, for they would wait for
 * themselves.
 */
@FunctionalInterface
public interface Completion {
    /**
     * The append has ended.
     *
     * @param lsn of the entry.
     * @param failure null when the entry is as durable as asked for; otherwise why it is not known
     *     to be. A failed entry may still be found by a later recovery when the failure came after
     *     it was written.
     */
    void onCompletion(long lsn, WalException failure);
}
