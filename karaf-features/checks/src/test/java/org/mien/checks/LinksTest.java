// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinksTest {
    @TempDir Path temp;

    @Test
    void everyLinkOfTheDocumentationLeadsToAFile() throws Exception {
        Path root = Repository.root();
        assertTrue(Repository.files(root, ".md").contains(root.resolve("CONTRIBUTING.md")));
        assertEquals("", String.join("\n", Links.dead(root)));
    }

    @Test
    void aDeadLinkIsNamedWithItsLine() throws Exception {
        Files.createDirectories(temp.resolve("docs"));
        Files.writeString(temp.resolve("LICENSE"), "free");
        Files.writeString(
                temp.resolve("docs/a.md"),
                """
                [here](b.md), [licence](../LICENSE), [part](b.md#part), [folder](.), [web](https://a.b/c),
                [mail](mailto:a@b.c), [top](#top), ![picture](gone.png "title"), [two words](<c d.md>)
                `[code](gone.md)`

                ```
                [block](gone.md)
                ```
                [one][1] [up](../../outside.md)

                [1]: gone/too.md
                """);
        Files.writeString(temp.resolve("docs/b.md"), "");
        Files.writeString(temp.resolve("docs/c d.md"), "");
        Files.createDirectories(temp.resolve("target"));
        Files.writeString(temp.resolve("target/made.md"), "[gone](gone.md)");
        assertEquals(
                List.of(
                        "docs/a.md:2: gone.png is not there",
                        "docs/a.md:8: ../../outside.md is not there",
                        "docs/a.md:10: gone/too.md is not there"),
                Links.dead(temp));
    }
}
