package io.wal.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class EntryReaderTest {
    private static final int MAX_LENGTH = 1 << 20;

    @Test
    void linesAreTheBytesBeforeEachLineFeed() {
        assertThat(lines("a\nbc\n")).containsExactly("a", "bc");
        assertThat(lines("a\r\nb")).containsExactly("a\r", "b");
        assertThat(lines("\n\na\n")).containsExactly("", "", "a");
        assertThat(lines("")).isEmpty();
        assertThat(lines("\n")).containsExactly("");
    }

    @ParameterizedTest
    @EnumSource(EntryFormat.class)
    void everyFormatGivesBackWhatWasWritten(final EntryFormat format) {
        final long seed = Long.getLong("wal.test.seed", System.nanoTime());
        final Random random = new Random(seed);
        for (int round = 0; round < 30; round++) {
            final List<byte[]> payloads = randomPayloads(random, format != EntryFormat.LINES);
            final ByteArrayOutputStream input = new ByteArrayOutputStream();
            payloads.forEach(payload -> write(input, format, payload));

            final List<byte[]> read =
                    readAll(format, new Dribble(input.toByteArray(), random), MAX_LENGTH);

            assertThat(read.toArray(byte[][]::new))
                    .as("seed %d, round %d", seed, round)
                    .isDeepEqualTo(payloads.toArray(byte[][]::new));
        }
    }

    @Test
    void lineOfTheGreatestLengthIsTakenAndOneByteMoreIsNot() {
        final String longest = "x".repeat(100);

        assertThat(readAll(EntryFormat.LINES, stream(longest + "\n"), 100)).hasSize(1);
        assertThat(readAll(EntryFormat.LINES, stream(longest), 100)).hasSize(1);
        assertThatThrownBy(() -> readAll(EntryFormat.LINES, stream("a\n" + longest + "x\n"), 100))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("line 2")
                .hasMessageContaining("100 bytes");
        assertThatThrownBy(() -> readAll(EntryFormat.LINES, stream(longest + "x"), 100))
                .isInstanceOf(UsageException.class);
    }

    @Test
    void lineWithoutEndIsRefusedLongBeforeItsEnd() {
        final Endless endless = new Endless();

        assertThatThrownBy(() -> readAll(EntryFormat.LINES, endless, MAX_LENGTH))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("line 1");

        assertThat(endless.count).isLessThan(MAX_LENGTH + (256 << 10));
    }

    @Test
    void payloadOfTheGreatestLengthIsTakenInText() {
        final byte[] longest = new byte[99];

        assertThat(readAll(EntryFormat.HEX, stream("00".repeat(99)), 99).get(0)).isEqualTo(longest);
        assertThat(
                        readAll(
                                        EntryFormat.BASE64,
                                        stream(Base64.getEncoder().encodeToString(longest)),
                                        99)
                                .get(0))
                .isEqualTo(longest);
        assertThatThrownBy(() -> readAll(EntryFormat.HEX, stream("00".repeat(100)), 99))
                .isInstanceOf(UsageException.class);
        assertThatThrownBy(
                        () ->
                                readAll(
                                        EntryFormat.BASE64,
                                        stream(Base64.getEncoder().encodeToString(new byte[100])),
                                        99))
                .isInstanceOf(UsageException.class);
    }

    @Test
    void textOfAllowedLengthForTooLongAPayloadIsRefused() {
        final String text = Base64.getEncoder().encodeToString(new byte[101]);

        assertThat(text).hasSameSizeAs(Base64.getEncoder().encodeToString(new byte[100]));
        assertThatThrownBy(() -> readAll(EntryFormat.BASE64, stream("\n" + text), 100))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("line 2: the line is too long");
    }

    @ParameterizedTest
    @CsvSource({
        "HEX, xy, 1",
        "HEX, 0g, 2",
        "HEX, 001, 4",
        "HEX, 00x, 3",
        "HEX, 00 11, 3",
        "HEX, 00é, 3",
        "BASE64, YQ, 3",
        "BASE64, YQ=, 4",
        "BASE64, Y===, 2",
        "BASE64, YWJj=, 5",
        "BASE64, YWJj====, 5",
        "BASE64, YW=j, 3",
        "BASE64, '====', 1",
        "BASE64, YWJjY, 6",
        "BASE64, YWJ-, 4",
        "BASE64, YR==, 2",
        "BASE64, YWK=, 3",
    })
    void malformedTextIsNamedByLineAndColumn(
            final EntryFormat format, final String text, final int column) {
        assertThatThrownBy(() -> readAll(format, stream("\n\n" + text + "\n"), MAX_LENGTH))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("the input, line 3, column " + column + ":");
    }

    @Test
    void everyTextThatTheJdkWritesIsTaken() {
        for (int length = 0; length < 40; length++) {
            final byte[] payload = new byte[length];
            new Random(length).nextBytes(payload);

            assertThat(
                            readAll(
                                    EntryFormat.BASE64,
                                    stream(Base64.getEncoder().encodeToString(payload) + "\n"),
                                    99))
                    .containsExactly(payload);
            assertThat(
                            readAll(
                                    EntryFormat.HEX,
                                    stream(
                                            HexFormat.of().withUpperCase().formatHex(payload)
                                                    + "\n"),
                                    99))
                    .containsExactly(payload);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "000000, within the length",
        "FFFFFFFF, -1",
        "00000065, 101 bytes",
        "0000000501, after 1 of its 5"
    })
    void malformedFrameIsNamedByItsOffset(final String bytes, final String reason) {
        final InputStream in =
                new ByteArrayInputStream(
                        HexFormat.of().parseHex("0000000161" + "00000000" + bytes));

        assertThatThrownBy(() -> readAll(EntryFormat.FRAMED, in, 100))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("the input, byte offset 9:")
                .hasMessageContaining(reason);
    }

    @Test
    void inputThatCannotBeReadIsNamedByItsLine() {
        final InputStream in =
                new InputStream() {
                    private final InputStream first = stream("a\nb\n");

                    @Override
                    public int read() {
                        throw new IllegalStateException();
                    }

                    @Override
                    public int read(final byte[] bytes, final int offset, final int length)
                            throws IOException {
                        final int count = first.read(bytes, offset, length);
                        if (count < 0) {
                            throw new IOException("the disk is on fire");
                        }
                        return count;
                    }
                };

        assertThatThrownBy(() -> readAll(EntryFormat.LINES, in, 100))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("line 3")
                .hasMessageContaining("the disk is on fire");
    }

    private static List<String> lines(final String input) {
        return readAll(EntryFormat.LINES, stream(input), MAX_LENGTH).stream()
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .toList();
    }

    private static List<byte[]> readAll(
            final EntryFormat format, final InputStream in, final int maxLength) {
        final EntryReader reader = EntryReader.of(format, in, "the input", maxLength);
        final List<byte[]> payloads = new ArrayList<>();
        while (reader.next()) {
            final byte[] payload = new byte[reader.length()];
            reader.buffer().getBytes(reader.offset(), payload);
            payloads.add(payload);
        }
        return payloads;
    }

    private static List<byte[]> randomPayloads(final Random random, final boolean anyBytes) {
        final List<byte[]> payloads = new ArrayList<>();
        for (int count = random.nextInt(40); count > 0; count--) {
            final boolean large = random.nextInt(20) == 0;
            final byte[] payload = new byte[random.nextInt(large ? 400_000 : 100)];
            random.nextBytes(payload);
            for (int i = 0; i < payload.length && !anyBytes; i++) {
                payload[i] = payload[i] == '\n' ? (byte) '\r' : payload[i];
            }
            payloads.add(payload);
        }
        return payloads;
    }

    private static void write(
            final ByteArrayOutputStream out, final EntryFormat format, final byte[] payload) {
        switch (format) {
            case LINES -> out.writeBytes(payload);
            case HEX ->
                    out.writeBytes(
                            HexFormat.of().formatHex(payload).getBytes(StandardCharsets.US_ASCII));
            case BASE64 -> out.writeBytes(Base64.getEncoder().encode(payload));
            case FRAMED -> {
                out.writeBytes(ByteBuffer.allocate(4).putInt(payload.length).array());
                out.writeBytes(payload);
            }
        }
        if (format != EntryFormat.FRAMED) {
            out.write('\n');
        }
    }

    private static InputStream stream(final String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Gives out as little or as much as it likes. */
    private static final class Dribble extends ByteArrayInputStream {
        private final Random random;

        Dribble(final byte[] bytes, final Random random) {
            super(bytes);
            this.random = random;
        }

        @Override
        public synchronized int read(final byte[] bytes, final int offset, final int length) {
            final int most = random.nextBoolean() ? length : Math.min(length, 10);
            return super.read(bytes, offset, 1 + random.nextInt(most));
        }
    }

    private static final class Endless extends InputStream {
        private long count;

        @Override
        public int read() {
            count++;
            return 'x';
        }

        @Override
        public int read(final byte[] bytes, final int offset, final int length) {
            count += length;
            Arrays.fill(bytes, offset, offset + length, (byte) 'x');
            return length;
        }
    }
}
