package io.wal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.CorruptLogException;
import io.wal.FencedException;
import io.wal.LogClosedException;
import io.wal.LogFailedException;
import io.wal.LogFullException;
import io.wal.LogInUseException;
import io.wal.LogNotFoundException;
import io.wal.LogTrimmedException;
import io.wal.StorageException;
import io.wal.UnsupportedFormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

class ExitCodeTest {
    private static final IOException IO = new IOException("Input/output error");

    @Test
    void eachFailureHasItsCode() {
        assertThat(ExitCode.of(new UsageException("x"))).isEqualTo(2);
        assertThat(ExitCode.of(new CorruptLogException("s", 0, 1, "x"))).isEqualTo(3);
        assertThat(ExitCode.of(new LogInUseException("l", "x"))).isEqualTo(4);
        assertThat(ExitCode.of(new FencedException(1, 2, 3, "x"))).isEqualTo(4);
        assertThat(ExitCode.of(new StorageException("l", "force", IO))).isEqualTo(5);
        assertThat(ExitCode.of(new LogFullException("l", "append to", IO))).isEqualTo(5);
        assertThat(ExitCode.of(new LogNotFoundException("l", "x"))).isEqualTo(5);
        assertThat(ExitCode.of(new UnsupportedFormatException("l", 2, 1))).isEqualTo(1);
        assertThat(ExitCode.of(new LogTrimmedException(1, 2))).isEqualTo(1);
        assertThat(ExitCode.of(new LogClosedException())).isEqualTo(1);
        assertThat(ExitCode.of(new OutputException(IO))).isEqualTo(1);
        assertThat(ExitCode.of(new IllegalStateException("x"))).isEqualTo(1);
    }

    @Test
    void failedLogHasTheCodeOfItsCause() {
        assertThat(ExitCode.of(new LogFailedException(1, IO))).isEqualTo(5);
        assertThat(ExitCode.of(new LogFailedException(1, new UncheckedIOException(IO))))
                .isEqualTo(5);
        assertThat(ExitCode.of(new LogFailedException(1, new InternalError("a fault occurred"))))
                .isEqualTo(5);
        assertThat(ExitCode.of(new LogFailedException(1, new LogFullException("l", "prepare", IO))))
                .isEqualTo(5);
        assertThat(ExitCode.of(new LogFailedException(1, new CorruptLogException("s", 0, 1, "x"))))
                .isEqualTo(3);
        assertThat(ExitCode.of(new LogFailedException(1, new RuntimeException(IO)))).isEqualTo(5);
        assertThat(ExitCode.of(new LogFailedException(1, new OutOfMemoryError()))).isEqualTo(1);
    }
}
