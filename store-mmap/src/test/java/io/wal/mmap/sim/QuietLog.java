package io.wal.mmap.sim;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Keeps warnings out of the output: what they warn of is planned. */
final class QuietLog implements BeforeEachCallback, AfterEachCallback {
    private final Logger logger = Logger.getLogger("io.wal");

    @Override
    public void beforeEach(final ExtensionContext context) {
        logger.setLevel(Level.SEVERE);
    }

    @Override
    public void afterEach(final ExtensionContext context) {
        logger.setLevel(null);
    }
}
