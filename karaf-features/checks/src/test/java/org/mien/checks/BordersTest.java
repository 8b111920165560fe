// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aQute.bnd.osgi.Jar;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BordersTest {
    private static final Set<String> PLATFORM =
            Set.of("platform-core", "platform-shell", "platform-engine");

    @TempDir Path temp;

    @Test
    void codeOfPluginsIsCalledAtTheBorder() throws Exception {
        List<String> broken = new ArrayList<>();
        Set<String> seen = new TreeSet<>();
        for (Path path : Bundle.jars()) {
            String name = Bundle.read(path).name();
            if (PLATFORM.contains(name)) {
                seen.add(name);
                try (Jar jar = new Jar(path.toFile())) {
                    broken.addAll(Borders.broken(name, jar));
                }
            }
        }
        assertEquals(PLATFORM, seen);
        assertEquals("", String.join("\n", broken));
    }

    private List<String> broken(String body) throws Exception {
        Jar jar =
                new TinyBundle(temp.resolve("tiny"))
                        .source(
                                "org.mien.api.evaluate",
                                "Evaluator",
                                "public interface Evaluator { Object settings(); }")
                        .source(
                                "org.mien.core.internal.plugin",
                                "Border",
                                "public class Border {"
                                        + " public interface Call<T> { T call() throws Exception; }"
                                        + " public static <T> T call(String who, Call<T> code) {"
                                        + " try { return code.call(); } catch (Throwable e) {"
                                        + " throw new RuntimeException(who); } } }")
                        .source(
                                "org.mien.core.internal.model",
                                "Tiny",
                                "import org.mien.api.evaluate.Evaluator;"
                                        + "import org.mien.core.internal.plugin.Border;"
                                        + "class Tiny { Object of(Evaluator one) throws Exception { "
                                        + body
                                        + " } }")
                        .jar("*");
        try (jar) {
            return Borders.broken("tiny", jar);
        }
    }

    @Test
    void whatGoesOverItIsFine() throws Exception {
        assertEquals(
                List.of(),
                broken(
                        "return Border.call(\"x\", () -> { Object[] some = new Object[1];"
                                + " Runnable inner = () -> some[0] = one.settings();"
                                + " inner.run(); return some[0]; });"));
    }

    @Test
    void aReferenceToItsCodeIsFine() throws Exception {
        assertEquals(List.of(), broken("return Border.call(\"x\", one::settings);"));
    }

    @Test
    void aCallByHandIsFound() throws Exception {
        List<String> broken = broken("return one.settings();");
        assertEquals(1, broken.size(), broken.toString());
        assertTrue(
                broken.get(0).startsWith("tiny: org.mien.core.internal.model.Tiny calls"),
                broken.toString());
    }

    @Test
    void aReferenceForOthersIsFound() throws Exception {
        List<String> broken =
                broken(
                        "java.util.function.Supplier<Object> own = one::settings; return own.get();");
        assertEquals(1, broken.size(), broken.toString());
        assertTrue(broken.get(0).contains("calls Evaluator.settings"), broken.toString());
    }

    @Test
    void aCatchByHandIsFound() throws Exception {
        List<String> broken =
                broken(
                        "try { return one.toString(); } catch (RuntimeException | LinkageError e)"
                                + " { throw new IllegalStateException(e.toString()); }");
        assertEquals(1, broken.size(), broken.toString());
        assertTrue(broken.get(0).contains("catches java.lang.LinkageError"), broken.toString());
    }

    @Test
    void whoCleansUpAndThrowsOnMay() throws Exception {
        assertEquals(
                List.of(),
                broken(
                        "try (java.io.InputStream in = System.in) { return in.read(); }"
                                + " catch (RuntimeException | Error e) { one.hashCode(); throw e; }"));
    }
}
