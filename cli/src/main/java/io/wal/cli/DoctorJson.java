package io.wal.cli;

import io.wal.cli.doctor.Advice;
import io.wal.cli.doctor.Check;
import io.wal.cli.doctor.Checks;
import io.wal.cli.doctor.Device;
import io.wal.cli.doctor.Diagnosis;
import io.wal.cli.doctor.Facts;
import io.wal.cli.doctor.Point;
import io.wal.cli.doctor.Setting;

/** What an examination found, for programs: names are added, never changed or removed. */
final class DoctorJson {
    /** Goes up when programs that read it must change. */
    static final int SCHEMA_VERSION = 1;

    private DoctorJson() {}

    static String of(final String directory, final double seconds, final Diagnosis diagnosis) {
        final JsonWriter json = new JsonWriter().beginObject();
        json.field("schemaVersion", SCHEMA_VERSION).field("directory", directory);
        json.field("seconds", seconds);
        facts(json, diagnosis.facts());
        json.name("checks").beginArray();
        for (final Check check : Checks.of(diagnosis)) {
            json.beginObject().field("name", check.name());
            json.field("verdict", check.verdict().name()).field("text", check.text()).endObject();
        }
        json.endArray().name("forces").beginArray();
        for (final Point point : diagnosis.points()) {
            point(json, point);
        }
        json.endArray().name("settings").beginArray();
        for (final Setting setting : Advice.of(diagnosis)) {
            json.beginObject().field("context", setting.context()).field("name", setting.name());
            json.field("value", setting.value()).name("isDefault").value(setting.usual());
            json.field("reason", setting.reason()).endObject();
        }
        return json.endArray().endObject().take();
    }

    private static void facts(final JsonWriter json, final Facts facts) {
        json.name("place").beginObject().field("fileSystem", facts.mount().fileSystem());
        json.field("mountPoint", facts.mount().point()).field("source", facts.mount().source());
        json.field("mountOptions", facts.mount().options());
        json.field("usableSpace", facts.usableSpace());
        json.field("preparedLength", facts.preparedLength());
        json.name("allocatedLength");
        if (facts.allocatedLength() < 0) {
            json.value(null);
        } else {
            json.value(facts.allocatedLength());
        }
        json.field("preparedBytesPerSecond", facts.preparedBytesPerSecond());
        json.field("directRefusal", facts.directRefusal());
        json.name("device");
        device(json, facts.device());
        json.field("processors", facts.processorCount());
        json.field("java", facts.javaFeature()).endObject();
    }

    private static void device(final JsonWriter json, final Device device) {
        if (device == null) {
            json.value(null);
            return;
        }
        json.beginObject().field("name", device.name()).field("model", device.model());
        json.field("writeCache", device.writeCache());
        json.name("isRotational").value(device.rotational());
        json.name("isVirtual").value(device.isVirtual()).endObject();
    }

    private static void point(final JsonWriter json, final Point point) {
        json.beginObject().field("path", point.path().name());
        json.field("zeroingLength", point.zeroingLength());
        json.name("isTouchedAhead").value(point.touched());
        json.field("batchLength", point.batchLength()).field("count", point.forceCount());
        json.field("p50Us", point.p50Us()).field("p99Us", point.p99Us());
        json.field("maxUs", point.maxUs()).field("bytesPerSecond", point.bytesPerSecond());
        json.field("deviceBytes", point.deviceBytes());
        json.field("deviceFlushes", point.deviceFlushes()).endObject();
    }
}
