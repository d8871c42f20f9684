/**
 * The write-ahead log: its public surface, its record format, and the interface behind which a
 * store keeps the records. Knows neither files nor networks.
 */
module io.wal.core {
    requires transitive com.lmax.disruptor;
    requires transitive org.agrona;
    requires jdk.jfr; // in every JDK; needs nothing but java.base

    exports io.wal;
    exports io.wal.inspect;
    exports io.wal.memory;
    exports io.wal.metrics;
    exports io.wal.record;
    exports io.wal.store;
}
