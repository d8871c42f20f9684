/**
 * Events for the JDK's flight recorder, the same for every store. They carry names, labels and
 * units, and cost next to nothing while no recording asks for them.
 */
package io.wal.event;
