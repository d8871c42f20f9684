/**
 * Benchmarks. {@link io.wal.jmh.Compare} sets our log beside the medium alone and beside other
 * journals; the classes that end in Benchmark are for JMH and look at single parts.
 */
package io.wal.jmh;
