package io.wal.mmap.mutant;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The library, the store and the simulation, loaded once more, with changes to the sources of the
 * former: nothing is shared with the classes of the test but what does not belong to the project.
 */
final class Mutation extends ClassLoader {
    private static final String OWN_CLASSES = "io.wal.";

    private final Map<String, byte[]> changedClasses;

    /** Applies the edits, in memory. Without any, this is the code as it is. */
    Mutation(final List<SourceEdit> edits) throws IOException {
        super(Mutation.class.getClassLoader());
        changedClasses = edits.isEmpty() ? Map.of() : compile(sources(edits));
    }

    /** A scenario of the simulation, to be run on this code. */
    LongConsumer scenario(final String name) throws ReflectiveOperationException {
        final Class<?> scenarios = loadClass("io.wal.mmap.sim.SimulationScenario");
        return (LongConsumer) scenarios.getField(name).get(null);
    }

    @Override
    protected Class<?> loadClass(final String name, final boolean resolve)
            throws ClassNotFoundException {
        if (!name.startsWith(OWN_CLASSES)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            final Class<?> loaded = findLoadedClass(name);
            return loaded == null ? define(name) : loaded;
        }
    }

    private Class<?> define(final String name) throws ClassNotFoundException {
        final byte[] changed = changedClasses.get(name);
        if (changed != null) {
            return defineClass(name, changed, 0, changed.length);
        }
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            final byte[] bytes = in.readAllBytes();
            return defineClass(name, bytes, 0, bytes.length);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, String> sources(final List<SourceEdit> edits) throws IOException {
        final Map<String, String> sources = new LinkedHashMap<>();
        for (final SourceEdit edit : edits) {
            final String source = sources.get(edit.className());
            sources.put(edit.className(), edit.applyTo(source == null ? edit.original() : source));
        }
        return sources;
    }

    private static Map<String, byte[]> compile(final Map<String, String> sources)
            throws IOException {
        final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        final DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
        final List<JavaFileObject> files = new ArrayList<>();
        sources.forEach((name, source) -> files.add(new Source(name, source)));
        try (StandardJavaFileManager standard =
                        compiler.getStandardFileManager(problems, null, null);
                ClassesInMemory classes = new ClassesInMemory(standard)) {
            final List<String> options =
                    List.of(
                            "-proc:none",
                            "-nowarn",
                            "-implicit:none",
                            "-classpath",
                            System.getProperty("java.class.path"));
            if (!compiler.getTask(null, classes, problems, options, null, files).call()) {
                throw new AssertionError(
                        "the mutant does not compile: " + problems.getDiagnostics());
            }
            return classes.bytes();
        }
    }

    /** A source file that is nowhere but here. */
    private static final class Source extends SimpleJavaFileObject {
        private final String content;

        Source(final String className, final String content) {
            super(
                    URI.create("memory:///" + className.replace('.', '/') + Kind.SOURCE.extension),
                    Kind.SOURCE);
            this.content = content;
        }

        @Override
        public CharSequence getCharContent(final boolean ignoreEncodingErrors) {
            return content;
        }
    }

    /** Keeps what the compiler writes. */
    private static final class ClassesInMemory extends ForwardingJavaFileManager<JavaFileManager> {
        private final Map<String, ByteArrayOutputStream> written = new HashMap<>();

        ClassesInMemory(final JavaFileManager standard) {
            super(standard);
        }

        Map<String, byte[]> bytes() {
            final Map<String, byte[]> bytes = new HashMap<>();
            written.forEach((name, content) -> bytes.put(name, content.toByteArray()));
            return bytes;
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                final Location location,
                final String className,
                final JavaFileObject.Kind kind,
                final FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("memory:///" + className), kind) {
                @Override
                public OutputStream openOutputStream() {
                    final ByteArrayOutputStream content = new ByteArrayOutputStream();
                    written.put(className, content);
                    return content;
                }
            };
        }
    }
}
