package io.wal.etcd;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * Finds the etcd to test with: {@code -Dwal.etcd}, {@code WAL_ETCD}, the {@code PATH}, /usr/bin.
 */
final class EtcdBinary {
    private static final String CURE =
            "no etcd binary; apt-get install etcd-server, or set WAL_ETCD or -Dwal.etcd to one";

    private EtcdBinary() {}

    /** The binary. Without one the test is skipped, or fails where it must not be. */
    static Path find() {
        final String asked = System.getProperty("wal.etcd", System.getenv("WAL_ETCD"));
        final Stream<String> candidates =
                asked == null
                        ? Stream.concat(
                                Stream.of(System.getenv("PATH").split(File.pathSeparator))
                                        .map(directory -> directory + "/etcd"),
                                Stream.of("/usr/bin/etcd"))
                        : Stream.of(asked);
        return candidates
                .map(Path::of)
                .filter(path -> Files.isRegularFile(path) && Files.isExecutable(path))
                .findFirst()
                .orElseThrow(() -> missing(asked));
    }

    /** The first line of what the binary says of itself, such as "etcd Version: 3.4.23". */
    static String version(final Path binary) throws IOException {
        final Process process =
                new ProcessBuilder(List.of(binary.toString(), "--version"))
                        .redirectErrorStream(true)
                        .start();
        try (var reader = process.inputReader()) {
            return reader.readLine();
        }
    }

    private static RuntimeException missing(final String asked) {
        final String reason =
                "etcd tests skipped: "
                        + CURE
                        + (asked == null ? "" : " (there is none at " + asked + ")");
        if ("true".equals(System.getenv("CI")) || Boolean.getBoolean("wal.etcd.required")) {
            return Assertions.fail(reason);
        }
        return Assumptions.abort(reason);
    }
}
