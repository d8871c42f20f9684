/**
 * Looking at a log without writing to it: what tools and monitoring use. Begin with {@link
 * io.wal.inspect.LogInspector}.
 */
package io.wal.inspect;
