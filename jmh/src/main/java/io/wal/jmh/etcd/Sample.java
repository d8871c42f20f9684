package io.wal.jmh.etcd;

/**
 * What a load did in its time.
 *
 * @param countPerS entries acknowledged in a second; transactions where each puts but one value.
 * @param transactionsPerS transactions in a second.
 * @param valueLength mean length of the values put, in bytes.
 */
record Sample(double countPerS, double transactionsPerS, int valueLength) {}
