// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mien.core.MienException;
import org.mien.core.Plugins;
import org.mien.provision.Provisioning.Addition;
import org.mien.provision.Provisioning.Need;
import org.mien.provision.Provisioning.Piece;
import org.mien.provision.Provisioning.Removal;
import org.mien.provision.Provisioning.Setting;

/** What plugin-add and plugin-remove print, and how what is missing is named. */
class PluginsTest {
    private static final Plugins.Plugin SMILE =
            new Plugins.Plugin("method", "smile", "com.example.smile", "1.0.0", "", List.of());

    private final Shell shell = new Shell();

    @AfterEach
    void close() {
        shell.close();
    }

    private static Addition addition(boolean unchanged, Plugins.Plugin... plugins) {
        return new Addition(
                List.of(new Piece("com.example.smile", "1.0.0", "1.0.0", unchanged)),
                List.of("mien-method-smile/1.0.0"),
                List.of(new Setting("smile/labels.txt", "mien-method-smile", false)),
                List.of(new Need("org.mien.api", "[2.0,3)", "2.1.0")),
                List.of(),
                unchanged,
                true,
                List.of(plugins),
                List.of("smiles"));
    }

    @Test
    void whatIsAddedIsSaid() {
        shell.mien.addition = addition(false, SMILE);
        Shell.Outcome added = shell.type("fer:plugin-add target/features.xml");
        assertNull(added.failure());
        assertEquals(
                """
                bundle             version  replaces
                -----------------  -------  --------
                com.example.smile  1.0.0    1.0.0

                file in etc       feature
                ----------------  -----------------
                smile/labels.txt  mien-method-smile

                needs         version  here
                ------------  -------  -----
                org.mien.api  [2.0,3)  2.1.0

                features   mien-method-smile/1.0.0
                refreshed  nothing else

                kind    id     version  bundle
                ------  -----  -------  -----------------
                method  smile  1.0.0    com.example.smile

                now READY  smiles
                """,
                added.out().replaceAll(" +\\n", "\n"));
        assertEquals("target/features.xml", shell.mien.asked.get(0));
        shell.type("fer:plugin-add x.jar --dry-run");
        assertEquals(true, shell.mien.asked.get(2));
    }

    @Test
    void whatIsThereAlreadyIsSaidToBeSo() {
        shell.mien.addition = addition(true, SMILE);
        String out = shell.type("fer:plugin-add x.jar").out();
        assertTrue(out.contains("com.example.smile  1.0.0    unchanged"), out);
        assertTrue(out.contains("unchanged; all of it is installed already"), out);
        assertTrue(out.contains("method  smile"), out);
        shell.mien.addition = addition(false);
        String none = shell.type("fer:plugin-add x.jar").out();
        assertTrue(none.contains("installed; it gives no plugin"), none);
        JsonObject json =
                JsonParser.parseString(shell.type("fer:plugin-add x.jar --json").out())
                        .getAsJsonObject();
        assertEquals(false, json.get("unchanged").getAsBoolean());
        assertEquals(true, json.get("installed").getAsBoolean());
        assertEquals(
                "smile/labels.txt",
                json.getAsJsonArray("files").get(0).getAsJsonObject().get("path").getAsString());
    }

    @Test
    void whatGoesIsSaid() {
        shell.mien.removal =
                new Removal(
                        "com.example.smile",
                        "1.0.0",
                        List.of("mien-method-smile/1.0.0"),
                        List.of(SMILE),
                        List.of("smiles"),
                        List.of(),
                        true);
        assertEquals(
                """
                bundle     com.example.smile 1.0.0
                features   mien-method-smile/1.0.0
                plugins    method smile
                will wait  smiles
                will stop  no job
                removed
                """,
                shell.type("fer:plugin-remove smile").out());
    }

    /** As it is typed where the command was. */
    @Test
    void theWayToGetAPluginIsTypedAsTheReaderTypesIt() {
        String launched = shell.launch(Map.of(), "pipeline-list").out();
        assertTrue(launched.contains("(./mien shell feature:install mien-method-fdrl)"), launched);
        String typed = shell.type("fer:pipeline-list").out();
        assertTrue(typed.contains("(feature:install mien-method-fdrl)"), typed);
        shell.mien.refusal = new MienException("add its file: fer:plugin-add FILE");
        shell.mien.removal = new Removal("", "", List.of(), List.of(), List.of(), List.of(), true);
        assertEquals(
                "add its file: ./mien plugin-add FILE",
                shell.launch(Map.of(), "plugin-remove", "x").failure().strip());
        assertEquals(
                "add its file: fer:plugin-add FILE", shell.type("fer:plugin-remove x").failure());
        assertEquals(Path.of("x").getFileName().toString(), shell.mien.asked.get(0));
    }
}
