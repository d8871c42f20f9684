package io.wal.etcd;

import java.util.regex.Pattern;

/**
 * The keys of a log, and the only place that formats or parses one. Numbers are 16 lower-case hex
 * digits, so that the order of keys is the order of LSNs.
 *
 * <pre>
 *  root/n/NAME              registration: there is such a log
 *  root/d/NAME/epoch        who may write; its mod revision is the fence
 *  root/d/NAME/owner        who writes, on a lease: a hint, never safety
 *  root/d/NAME/e/EPOCH      where an epoch begins
 *  root/d/NAME/b/FIRST-LSN  a batch
 *  root/d/NAME/cp           the finalized checkpoint
 *  root/d/NAME/trim         the first LSN that counts, and the batch that holds it
 *  root/d/NAME/closed       the clean end
 * </pre>
 *
 * <p>Keys are strings of Latin-1 characters, one for each byte: foreign keys survive the way in and
 * out, and the order of strings is the order of etcd.
 */
final class KeyLayout {
    /** Names of logs. */
    static final String NAME_RULE =
            "1 to 128 characters of A-Z a-z 0-9 . _ -, not beginning with a dot";

    /** Roots. */
    static final String ROOT_RULE =
            "1 to 128 characters of A-Z a-z 0-9 . _ - and single slashes, neither first nor last";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}");
    private static final Pattern ROOT =
            Pattern.compile("(?=.{1,128}$)[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*");
    private static final int NUMBER_LENGTH = 16;
    private static final char END_OF_SLASH = '/' + 1;

    private final String root;
    private final String name;
    private final String prefix;

    KeyLayout(final String root, final String name) {
        this.root = root;
        this.name = name;
        prefix = root + "/d/" + name + '/';
    }

    static boolean isName(final String name) {
        return name != null && NAME.matcher(name).matches();
    }

    static boolean isRoot(final String root) {
        return root != null && ROOT.matcher(root).matches();
    }

    /** Where the registrations of all logs under a root begin. */
    static String registrationsBegin(final String root) {
        return root + "/n/";
    }

    /** The key behind the last registration. */
    static String registrationsEnd(final String root) {
        return root + "/n" + END_OF_SLASH;
    }

    static String nameOf(final String root, final String registrationKey) {
        return registrationKey.substring(registrationsBegin(root).length());
    }

    String name() {
        return name;
    }

    String registration() {
        return registrationsBegin(root) + name;
    }

    String begin() {
        return prefix;
    }

    String end() {
        return prefix.substring(0, prefix.length() - 1) + END_OF_SLASH;
    }

    String epoch() {
        return prefix + "epoch";
    }

    String owner() {
        return prefix + "owner";
    }

    String checkpoint() {
        return prefix + "cp";
    }

    String trim() {
        return prefix + "trim";
    }

    String closed() {
        return prefix + "closed";
    }

    String epochStart(final long epoch) {
        return prefix + "e/" + hex(epoch);
    }

    String epochStartsBegin() {
        return prefix + "e/";
    }

    String epochStartsEnd() {
        return prefix + "e" + END_OF_SLASH;
    }

    String batch(final long firstLsn) {
        return prefix + "b/" + hex(firstLsn);
    }

    String batchesBegin() {
        return prefix + "b/";
    }

    String batchesEnd() {
        return prefix + "b" + END_OF_SLASH;
    }

    /** The first LSN of the batch with a key; 0 when the key is no batch's. */
    long firstLsnOf(final String key) {
        return numberOf(key, batchesBegin());
    }

    /** The epoch whose start has a key; 0 when the key is no such. */
    long epochOf(final String key) {
        return numberOf(key, epochStartsBegin());
    }

    /** Whether a key under this log's prefix is one of this layout. */
    boolean isOwn(final String key) {
        return firstLsnOf(key) > 0
                || epochOf(key) > 0
                || key.equals(epoch())
                || key.equals(owner())
                || key.equals(checkpoint())
                || key.equals(trim())
                || key.equals(closed());
    }

    private static String hex(final long number) {
        final String digits = Long.toHexString(number);
        return "0".repeat(NUMBER_LENGTH - digits.length()) + digits;
    }

    private static long numberOf(final String key, final String before) {
        if (!key.startsWith(before) || key.length() != before.length() + NUMBER_LENGTH) {
            return 0;
        }
        long number = 0;
        for (int i = before.length(); i < key.length(); i++) {
            final char c = key.charAt(i);
            final int digit =
                    c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
            if (digit < 0) {
                return 0;
            }
            number = number << 4 | digit;
        }
        return Math.max(0, number);
    }
}
