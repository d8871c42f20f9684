/**
 * Shows that the simulation finds mistakes. Each mutant is the production code with one mistake
 * built into its source: the simulation must find it, and must find nothing in the code as it is.
 *
 * <p>Start with {@link io.wal.mmap.mutant.Mutant}, the list of mistakes.
 */
package io.wal.mmap.mutant;
