package io.wal.cli;

import io.wal.etcd.EtcdMember;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Looks at the keys of a server and changes them, past all that the log does to prevent it. */
final class EtcdKeys {
    private final EtcdMember member;

    EtcdKeys(final EtcdMember member) {
        this.member = member;
    }

    /** The value of a key; empty when there is none. */
    byte[] get(final String key) {
        final String answer = member.post("/v3/kv/range", "{\"key\":\"" + encode(key) + "\"}");
        return Base64.getDecoder().decode(EtcdMember.field(answer, "value"));
    }

    String getText(final String key) {
        return new String(get(key), StandardCharsets.US_ASCII);
    }

    /** How many keys begin with a prefix. */
    int count(final String prefix) {
        final String end =
                prefix.substring(0, prefix.length() - 1)
                        + (char) (prefix.charAt(prefix.length() - 1) + 1);
        final String answer =
                member.post(
                        "/v3/kv/range",
                        "{\"key\":\""
                                + encode(prefix)
                                + "\",\"range_end\":\""
                                + encode(end)
                                + "\",\"count_only\":true}");
        final String count = EtcdMember.field(answer, "count");
        return count.isEmpty() ? 0 : Integer.parseInt(count);
    }

    void put(final String key, final String value) {
        put(key, value.getBytes(StandardCharsets.US_ASCII));
    }

    void put(final String key, final byte[] value) {
        member.post(
                "/v3/kv/put",
                "{\"key\":\""
                        + encode(key)
                        + "\",\"value\":\""
                        + Base64.getEncoder().encodeToString(value)
                        + "\"}");
    }

    void delete(final String key) {
        member.post("/v3/kv/deleterange", "{\"key\":\"" + encode(key) + "\"}");
    }

    private static String encode(final String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }
}
