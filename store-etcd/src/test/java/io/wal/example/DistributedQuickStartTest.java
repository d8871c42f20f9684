package io.wal.example;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.etcd.EtcdLogStore;
import io.wal.etcd.EtcdStoreContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The example of the documents, which repeat the marked lines. */
class DistributedQuickStartTest {
    private static final Path SOURCE =
            Path.of("src/test/java/io/wal/example/DistributedQuickStartTest.java");

    private static EtcdLogStore store() {
        // example begins
        var store =
                new EtcdLogStore(
                        new EtcdStoreContext()
                                .endpoints("etcd1:2379", "etcd2:2379", "etcd3:2379")
                                .name("orders"));
        // example ends
        return store;
    }

    @Test
    void documentsShowTheExampleThatTheBuildCompiles() throws IOException {
        final List<String> lines = Files.readAllLines(SOURCE);
        final int begin = lines.indexOf("        // example begins") + 1;
        final int end = lines.indexOf("        // example ends");
        final String shown =
                lines.subList(begin, end).stream()
                        .map(line -> line.replaceFirst("^ {8}", ""))
                        .collect(Collectors.joining("\n", "```java\n", "\n```"));

        assertThat(Files.readString(Path.of("../README.md"))).contains(shown);
        assertThat(Files.readString(Path.of("../docs/ETCD.md"))).contains(shown);
    }

    @Test
    void exampleIsAStoreThatIsNotConnectedYet() {
        assertThat(store().name()).isEqualTo("orders");
    }
}
