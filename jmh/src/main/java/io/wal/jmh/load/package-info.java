/**
 * The loads, and what is read while one runs. {@link io.wal.jmh.load.LoadRun} is the program of a
 * child JVM: one journal, one load, one result.
 */
package io.wal.jmh.load;
