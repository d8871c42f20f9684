package io.wal.mmap;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the library logs while this is open. */
final class LogMessages extends Handler implements AutoCloseable {
    private final Logger logger = Logger.getLogger("io.wal");
    private final List<String> messages = new CopyOnWriteArrayList<>();
    private final boolean usedParentHandlers = logger.getUseParentHandlers();

    LogMessages() {
        logger.addHandler(this);
        logger.setUseParentHandlers(false);
    }

    List<String> messages() {
        return messages;
    }

    @Override
    public void publish(final LogRecord message) {
        messages.add(message.getLevel() + " " + message.getMessage());
    }

    @Override
    public void flush() {
        // nothing is held back
    }

    @Override
    public void close() {
        logger.removeHandler(this);
        logger.setUseParentHandlers(usedParentHandlers);
    }
}
