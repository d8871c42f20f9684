/**
 * From results to a table: medians over rounds, ratios to the floor and to the best peer, as
 * Markdown, as CSV, and drawn.
 */
package io.wal.jmh.report;
