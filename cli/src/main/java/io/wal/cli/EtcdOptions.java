package io.wal.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** How a cluster is reached. Anything but etcd has no use for these. */
class EtcdOptions {
    /** Where the password is looked for. */
    static final String PASSWORD_VARIABLE = "WAL_ETCD_PASSWORD";

    private static final String ETCD = "For etcd: ";

    @Option(
            names = "--etcd-root",
            paramLabel = "PREFIX",
            description = ETCD + "the prefix of all keys; wal by default.")
    private String root;

    @Option(
            names = "--user",
            paramLabel = "NAME",
            description =
                    ETCD
                            + "who to be. The password is in the environment variable "
                            + PASSWORD_VARIABLE
                            + " or in --password-file.")
    private String user;

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description = ETCD + "a file with the password in its first line.")
    private Path passwordFile;

    @Option(
            names = "--tls",
            description =
                    ETCD + "speak TLS, and trust whom Java trusts; --cacert and --cert imply it.")
    private boolean tls;

    @Option(
            names = "--cacert",
            paramLabel = "FILE",
            description = ETCD + "certificates, in PEM, of those who vouch for the cluster.")
    private Path caFile;

    @Option(
            names = "--cert",
            paramLabel = "FILE",
            description = ETCD + "the certificate of this client, in PEM; needs --key.")
    private Path certificateFile;

    @Option(
            names = "--key",
            paramLabel = "FILE",
            description = ETCD + "its private key: PKCS #8 in PEM, without a password.")
    private Path keyFile;

    @Option(
            names = "--authority",
            paramLabel = "HOST",
            description =
                    ETCD
                            + "the host name in the cluster's certificates, if it is not the endpoints'.")
    private String authority;

    /** Reads an argument, and holds the options against it. */
    final StoreAddress address(final Console console, final String text) {
        final StoreAddress address = console.address(text);
        final List<String> given = given();
        if (address instanceof EtcdAddress etcd) {
            return etcd.with(settings(given));
        }
        if (!given.isEmpty()) {
            throw new UsageException(given.get(0) + " is for logs in etcd, not for " + text);
        }
        return address;
    }

    /** The options that were given, as arguments. */
    List<String> given() {
        final List<String> given = new ArrayList<>();
        add(given, "--etcd-root", root);
        add(given, "--user", user);
        add(given, "--password-file", passwordFile);
        if (tls) {
            given.add("--tls");
        }
        add(given, "--cacert", caFile);
        add(given, "--cert", certificateFile);
        add(given, "--key", keyFile);
        add(given, "--authority", authority);
        return given;
    }

    EtcdSettings settings(final List<String> given) {
        checkReadable("--cacert", caFile);
        checkReadable("--cert", certificateFile);
        checkReadable("--key", keyFile);
        if ((certificateFile == null) != (keyFile == null)) {
            throw new UsageException("--cert and --key are of use together only");
        }
        return new EtcdSettings(
                root,
                user,
                password(),
                tls,
                caFile,
                certificateFile,
                keyFile,
                authority,
                null,
                null,
                given);
    }

    static void add(final List<String> given, final String option, final Object value) {
        if (value != null) {
            given.add(option);
            given.add(value.toString());
        }
    }

    private String password() {
        if (user == null) {
            if (passwordFile != null) {
                throw new UsageException("--password-file is of use with --user only");
            }
            return null;
        }
        final String fromEnvironment = System.getenv(PASSWORD_VARIABLE);
        if (passwordFile == null) {
            if (fromEnvironment == null) {
                throw new UsageException(
                        "--user "
                                + user
                                + " needs a password: set "
                                + PASSWORD_VARIABLE
                                + ", or give --password-file");
            }
            return fromEnvironment;
        }
        try {
            return Files.readString(passwordFile).lines().findFirst().orElse("");
        } catch (final IOException e) {
            throw new UsageException("cannot read " + passwordFile + ": " + Reason.of(e), e);
        }
    }

    private static void checkReadable(final String option, final Path file) {
        if (file != null && !(Files.isRegularFile(file) && Files.isReadable(file))) {
            throw new UsageException(option + " cannot be read: " + file);
        }
    }
}
