package io.wal.cli;

import java.text.MessageFormat;
import java.util.ResourceBundle;

/**
 * Makes what the library logs one line on standard error, as the rest of the talk. Known to the JVM
 * as a service.
 */
public final class StderrLoggerFinder extends System.LoggerFinder {
    /** Called by the JVM. */
    public StderrLoggerFinder() {}

    @Override
    public System.Logger getLogger(final String name, final Module module) {
        return new StderrLogger(name);
    }

    private record StderrLogger(String name) implements System.Logger {
        @Override
        public String getName() {
            return name;
        }

        @Override
        public boolean isLoggable(final Level level) {
            return level.getSeverity() >= Level.WARNING.getSeverity() && level != Level.OFF;
        }

        @Override
        public void log(
                final Level level,
                final ResourceBundle bundle,
                final String message,
                final Throwable thrown) {
            if (isLoggable(level)) {
                System.err.println(
                        "wal: " + message + (thrown == null ? "" : ": " + Reason.of(thrown)));
            }
        }

        @Override
        public void log(
                final Level level,
                final ResourceBundle bundle,
                final String format,
                final Object... params) {
            if (isLoggable(level)) {
                final boolean plain = params == null || params.length == 0;
                System.err.println(
                        "wal: " + (plain ? format : MessageFormat.format(format, params)));
            }
        }
    }
}
