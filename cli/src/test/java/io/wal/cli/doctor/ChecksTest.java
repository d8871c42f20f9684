package io.wal.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.cli.doctor.Check.Verdict;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChecksTest {
    @Test
    void soundPlaceGivesNoReasonToWarn() {
        assertThat(Checks.of(new MadeUp().diagnosis()))
                .extracting(Check::verdict)
                .containsOnly(Verdict.OK);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tmpfs",
                "overlay",
                "btrfs",
                "zfs",
                "nfs4",
                "nfs",
                "cifs",
                "9p",
                "virtiofs",
                "fuse.sshfs"
            })
    void warnsOfFileSystemsThatKeepTooLittle(final String type) {
        final Check check = check(new MadeUp().fileSystem(type, "rw"), "file system");

        assertThat(check.verdict()).isEqualTo(Verdict.WARNING);
        assertThat(check.text()).startsWith(type);
    }

    @Test
    void unknownFileSystemIsNoted() {
        assertThat(check(new MadeUp().fileSystem("hpfs", "rw"), "file system").verdict())
                .isEqualTo(Verdict.NOTE);
    }

    @Test
    void warnsOfMountsWithoutBarriers() {
        assertThat(
                        check(new MadeUp().fileSystem("ext4", "rw,nobarrier"), "mount options")
                                .verdict())
                .isEqualTo(Verdict.WARNING);
        assertThat(
                        check(new MadeUp().fileSystem("ext4", "rw,barrier=0"), "mount options")
                                .verdict())
                .isEqualTo(Verdict.WARNING);
        assertThat(check(new MadeUp().fileSystem("ext4", "rw,barrier=1"), "mount options"))
                .isNull();
    }

    @Test
    void warnsOfSegmentsWithoutBlocks() {
        assertThat(check(new MadeUp().allocatedLength(4 << 20), "blocks"))
                .satisfies(check -> assertThat(check.verdict()).isEqualTo(Verdict.WARNING))
                .satisfies(check -> assertThat(check.text()).contains("25 % of its blocks"));
        assertThat(check(new MadeUp().allocatedLength(-1), "blocks").verdict())
                .isEqualTo(Verdict.NOTE);
    }

    @Test
    void warnsWhenSpaceIsScarce() {
        assertThat(check(new MadeUp().usableSpace(300 << 20), "space"))
                .satisfies(check -> assertThat(check.verdict()).isEqualTo(Verdict.WARNING))
                .satisfies(check -> assertThat(check.text()).startsWith("300 MiB are left"));
    }

    @Test
    void saysWhyNothingPassesThePageCache() {
        assertThat(check(new MadeUp().directRefusal("not today"), "direct writes"))
                .satisfies(check -> assertThat(check.verdict()).isEqualTo(Verdict.NOTE))
                .satisfies(check -> assertThat(check.text()).endsWith("not today"));
    }

    @Test
    void warnsWhenForcesDoNotFlushAVolatileCache() {
        assertThat(check(new MadeUp().deviceFlushes(0), "device cache").verdict())
                .isEqualTo(Verdict.WARNING);
        assertThat(check(new MadeUp().deviceFlushes(1), "device cache").text())
                .contains("each force flushes it (1.0 times)");
        assertThat(
                        check(
                                        new MadeUp()
                                                .deviceFlushes(0)
                                                .device(device("write through", false)),
                                        "device cache")
                                .verdict())
                .as("there is nothing to flush")
                .isEqualTo(Verdict.OK);
        assertThat(check(new MadeUp().device(null), "device cache").verdict())
                .isEqualTo(Verdict.NOTE);
    }

    @Test
    void warnsOfForcesTooFastToBeTrue() {
        assertThat(check(new MadeUp().forceTimes(2, 2), "force time").verdict())
                .isEqualTo(Verdict.WARNING);
        assertThat(check(new MadeUp().device(device("write through", true)), "force time").text())
                .contains("less than a disk needs to turn");
        assertThat(
                        check(
                                        new MadeUp()
                                                .device(device("write back", true))
                                                .forceTimes(8_000, 8_000),
                                        "force time")
                                .verdict())
                .isEqualTo(Verdict.OK);
    }

    @Test
    void unevenForcesAreNoted() {
        assertThat(check(new MadeUp().p99Factor(20), "force time").verdict())
                .isEqualTo(Verdict.NOTE);
    }

    @Test
    void fewForcesAreNoted() {
        assertThat(check(new MadeUp().forceCount(9), "figures").text()).contains("only 9 were");
        assertThat(check(new MadeUp(), "figures")).isNull();
    }

    @Test
    void oldJavaTellsFaultsLate() {
        assertThat(check(new MadeUp().javaFeature(17), "Java"))
                .satisfies(check -> assertThat(check.verdict()).isEqualTo(Verdict.NOTE))
                .satisfies(check -> assertThat(check.text()).contains("late", "Java 25"));
    }

    private static Device device(final String writeCache, final boolean rotational) {
        return new Device("sdb", "Disk", writeCache, rotational, Path.of("/none"));
    }

    private static Check check(final MadeUp madeUp, final String name) {
        final List<Check> checks =
                Checks.of(madeUp.diagnosis()).stream()
                        .filter(check -> check.name().equals(name))
                        .toList();
        return checks.isEmpty() ? null : checks.get(0);
    }
}
