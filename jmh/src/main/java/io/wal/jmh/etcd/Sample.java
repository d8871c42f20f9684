package io.wal.jmh.etcd;

/**
 * What a load did in its time.
 *
 * @param countPerS entries acknowledged in a second; transactions where each puts but one value.
 * @param transactionsPerS transactions in a second.
 * @param valueLength mean length of the values put, in bytes.
 * @param processors that this process, the servers not included, kept busy; 0 if not measured.
 */
record Sample(double countPerS, double transactionsPerS, int valueLength, double processors) {
    /** Processor time of this process for a transaction and what is in it, in microseconds. */
    double processorUs() {
        return processors * 1e6 / transactionsPerS;
    }
}
