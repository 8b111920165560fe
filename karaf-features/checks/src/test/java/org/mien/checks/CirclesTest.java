// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import aQute.bnd.osgi.Jar;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CirclesTest {
    /** Files in circles that stand for now; each goes from here with what straightens it. */
    private static final Map<String, Set<String>> KNOWN =
            Map.of(
                    // A layer runs with a pass, and a pass is asked for a layer by name.
                    "platform-api",
                    Set.of("Net", "Pass"),
                    "platform-nn",
                    Set.of("Prepared", "TorchPass", "Weights"),
                    "dataset-schematic",
                    Set.of(
                            "Cover",
                            "Face",
                            "Hair",
                            "Head",
                            "Painter",
                            "Scene",
                            "SchematicDataset",
                            "Sketch"),
                    "dataset-fer2013",
                    Set.of("Fer2013Dataset", "Rows", "Votes"),
                    "dataset-image-folder",
                    Set.of("ImageFolderDataset", "Tree"));

    @TempDir Path temp;

    @Test
    void noFilesOfABundleNeedEachOther() throws Exception {
        List<String> circles = new ArrayList<>();
        for (Path jar : Bundle.jars()) {
            Bundle bundle = Bundle.read(jar);
            circles.addAll(Circles.of(bundle, KNOWN.getOrDefault(bundle.name(), Set.of())));
        }
        assertEquals(
                "",
                String.join("\n", circles),
                "files that need each other: move what both want into a file of its own, or hand it"
                        + " over");
    }

    @Test
    void circlesAreFoundAndLinesAreNot() {
        assertEquals(
                List.of(Set.of("b", "c", "d"), Set.of("e", "f")),
                Circles.of(
                        Map.of(
                                "a", Set.of("b"),
                                "b", Set.of("c"),
                                "c", Set.of("d", "g"),
                                "d", Set.of("b", "g"),
                                "e", Set.of("f"),
                                "f", Set.of("e", "g"),
                                "g", Set.of())));
    }

    @Test
    void whatIsMentionedInCodeOrInATypeCounts() throws Exception {
        Jar jar =
                new TinyBundle(temp.resolve("tiny"))
                        .source(
                                "org.mien.core",
                                "First",
                                "class First { java.util.List<Second> all; }")
                        .source(
                                "org.mien.core",
                                "Second",
                                "class Second { static class Inner { Object o = new First(); } }")
                        .source("org.mien.core", "Third", "class Third { First first; }")
                        .jar("org.mien.core");
        Jar again = new Jar(temp.resolve("tiny/tiny.jar").toFile());
        assertEquals(
                List.of("platform-core: First -> Second; Second -> First"),
                Circles.of(Bundle.read("platform-core", jar), Set.of()));
        assertEquals(
                List.of(),
                Circles.of(Bundle.read("platform-core", again), Set.of("First", "Second")));
    }
}
