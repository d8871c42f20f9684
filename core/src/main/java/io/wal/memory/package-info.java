/**
 * A store that keeps its records in memory, for the tests of those who use a log: {@link
 * io.wal.memory.InMemoryLogStore} over an {@link io.wal.memory.InMemoryMedium}.
 */
package io.wal.memory;
