package io.wal.cli;

import io.wal.Durability;

/**
 * One line of the benchmark.
 *
 * @param producerCount threads that append.
 * @param payloadLength of each entry, in bytes.
 * @param durability that is asked for.
 */
record BenchCase(int producerCount, int payloadLength, Durability durability) {}
