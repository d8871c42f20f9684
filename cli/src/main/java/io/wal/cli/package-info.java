/**
 * The command line: a thin front on the public API of the library, one class for each command.
 * Begin with {@link io.wal.cli.WalMain}.
 *
 * <p>Data goes to standard output and talk to standard error, both through the command's {@code
 * Console}, so that tests run commands in their own process. A command that wants to be one of them
 * is added to {@code CommandTable}.
 */
package io.wal.cli;
