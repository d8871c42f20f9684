package io.wal.etcd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Certificates for a test, made by openssl in a directory of the test's. */
public final class Certificates {
    private final Path directory;

    /** Certificates in a directory; there are none yet. */
    public Certificates(final Path directory) {
        this.directory = directory;
    }

    /** A file in the directory. */
    public Path file(final String name) {
        return directory.resolve(name);
    }

    /** An authority: NAME.crt and NAME.key. */
    public void authority(final String name) {
        openssl(
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=" + name,
                "-keyout",
                file(name + ".key").toString(),
                "-out",
                file(name + ".crt").toString());
    }

    /**
     * A certificate that an authority vouches for: NAME.crt and NAME.key, the latter in PKCS #8.
     */
    public void issue(
            final String name, final String authority, final String host, final int days) {
        try {
            Files.writeString(file(name + ".ext"), "subjectAltName=" + host + "\n");
        } catch (final IOException e) {
            throw new IllegalStateException(e);
        }
        openssl(
                "req",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-subj",
                "/CN=" + name,
                "-keyout",
                file(name + ".key").toString(),
                "-out",
                file(name + ".csr").toString());
        final List<String> sign =
                new ArrayList<>(
                        List.of(
                                "x509",
                                "-req",
                                "-in",
                                file(name + ".csr").toString(),
                                "-CA",
                                file(authority + ".crt").toString(),
                                "-CAkey",
                                file(authority + ".key").toString(),
                                "-CAcreateserial",
                                "-extfile",
                                file(name + ".ext").toString(),
                                "-out",
                                file(name + ".crt").toString(),
                                "-days",
                                Integer.toString(days)));
        openssl(sign.toArray(String[]::new));
    }

    private void openssl(final String... arguments) {
        final List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        try {
            final Path log = file("openssl.log");
            final Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                            .start();
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IllegalStateException(command + ": " + Files.readString(log));
            }
        } catch (final IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
