package io.wal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JsonWriterTest {
    @Test
    void writesObjectsAndArrays() {
        final JsonWriter json = new JsonWriter();

        json.beginObject().field("a", 1).field("b", "x").field("c", (String) null).field("d", 0.5);
        json.field("e", Double.NaN)
                .name("f")
                .beginArray()
                .value(1)
                .value("y")
                .beginObject()
                .endObject();
        json.endArray().name("g").beginArray().endArray().endObject();

        assertThat(json.take())
                .isEqualTo(
                        "{\"a\":1,\"b\":\"x\",\"c\":null,\"d\":0.5,\"e\":null,\"f\":[1,\"y\",{}],\"g\":[]}");
        assertThat(json.beginArray().endArray().take()).isEqualTo("[]");
    }

    @Test
    void escapesWhatJsonDoesNotTake() {
        assertThat(new JsonWriter().value("a\"b\\c\n\u0000\ud800\ud83d\ude00é").take())
                .isEqualTo("\"a\\\"b\\\\c\\u000a\\u0000\\ud800\ud83d\ude00é\"");
    }
}
