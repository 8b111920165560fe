// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.tools.Diagnostic;
import javax.tools.DocumentationTool;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What plugin authors read is made by the JDK's javadoc, with all its checks, without a warning.
 */
class JavadocTest {
    private static final List<String> MODULES =
            List.of("platform-api", "platform-nn", "platform-testkit", "platform-vision");

    @TempDir Path temp;

    @Test
    void javadocOfWhatPluginsCompileAgainstHasNoWarnings() throws Exception {
        List<Path> sources = new ArrayList<>();
        for (String module : MODULES) {
            Path folder = Repository.root().resolve(module).resolve("src/main/java");
            sources.addAll(Repository.files(folder, ".java"));
        }
        assertEquals("", String.join("\n", warnings(sources)));
    }

    @Test
    void whatIsMissingOrWrongIsNamed() throws Exception {
        Path file =
                Files.writeString(
                        temp.resolve("Odd.java"),
                        """
                        /** Odd. */
                        public class Odd {
                            /**
                             * Sees {@link Nothing}.
                             *
                             * @param a a number
                             * @return another
                             */
                            public int of(int a, int b) { return a + b; }

                            public void bare() {}

                            /**
                             * Both.
                             *
                             * @param x a number
                             */
                            public record Both(int x) {
                                /** Checks. */
                                public Both {}
                            }

                            /** Throws what it likes. */
                            @org.junit.jupiter.api.Test
                            public void test() throws Exception {}
                        }
                        """);
        List<String> found = warnings(List.of(file));
        assertEquals(3, found.size(), "" + found);
        assertEquals(1, found.stream().filter(w -> w.contains("reference not found")).count());
        assertEquals(1, found.stream().filter(w -> w.contains("no @param for b")).count());
        assertEquals(1, found.stream().filter(w -> w.contains("no comment")).count());
    }

    /** Every warning and error, with its place. */
    private List<String> warnings(List<Path> sources) throws Exception {
        List<String> found = new ArrayList<>();
        DocumentationTool javadoc = ToolProvider.getSystemDocumentationTool();
        try (StandardJavaFileManager files =
                javadoc.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8)) {
            StringWriter out = new StringWriter();
            boolean made =
                    javadoc.getTask(
                                    out,
                                    files,
                                    diagnostic -> {
                                        if (counts(diagnostic)) {
                                            found.add(text(diagnostic));
                                        }
                                    },
                                    null,
                                    List.of(
                                            "-Xdoclint:all",
                                            "-quiet",
                                            "-Xmaxwarns",
                                            "10000",
                                            "-classpath",
                                            System.getProperty("java.class.path"),
                                            "-d",
                                            temp.resolve("out").toString()),
                                    files.getJavaFileObjectsFromPaths(sources))
                            .call();
            if (!made && found.isEmpty()) {
                found.add("javadoc failed: " + out);
            }
        }
        return found;
    }

    private static boolean counts(Diagnostic<? extends JavaFileObject> diagnostic) {
        String text = diagnostic.getMessage(Locale.ROOT);
        if (diagnostic.getKind() == Diagnostic.Kind.NOTE
                || text.matches("\\d+ (warning|error)s?")) {
            return false;
        }
        // Test methods, which an author extends and does not call.
        if (text.contains("no @throws for java.lang.Exception")) {
            return false;
        }
        // A compact constructor has the parameters of its record, which documents them.
        return !(text.contains("no @param for")
                && line(diagnostic).matches("\\s*public \\w+ \\{.*"));
    }

    private static String line(Diagnostic<? extends JavaFileObject> diagnostic) {
        try {
            String source = diagnostic.getSource().getCharContent(true).toString();
            return source.lines().toList().get((int) diagnostic.getLineNumber() - 1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Diagnostic<? extends JavaFileObject> diagnostic) {
        String where =
                diagnostic.getSource() == null
                        ? ""
                        : diagnostic.getSource().getName()
                                + ":"
                                + diagnostic.getLineNumber()
                                + ": ";
        return where + diagnostic.getMessage(Locale.ROOT);
    }
}
