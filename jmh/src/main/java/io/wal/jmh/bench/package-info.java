/**
 * Benchmarks for JMH, run with {@code java -jar jmh/target/benchmarks.jar}: they look at one part
 * or one load of our log, in finer steps than {@link io.wal.jmh.Compare}, which sets it beside
 * others.
 */
package io.wal.jmh.bench;
