// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Hashtable;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mien.core.Pipelines;
import org.mien.core.internal.pipeline.ConfiguredPipelines;

/** Pipelines in files: what is written is what counts, or it is said which line is wrong. */
class PipelineFilesTest extends OnPlatform {
    private String before;
    private Path etc;

    @BeforeEach
    void ownEtc() throws IOException {
        before = System.getProperty("karaf.etc");
        etc = Files.createDirectories(work.resolve("f\u00fcr etc"));
        System.setProperty("karaf.etc", etc.toString());
    }

    @AfterEach
    void oldEtc() {
        if (before == null) {
            System.clearProperty("karaf.etc");
        } else {
            System.setProperty("karaf.etc", before);
        }
    }

    private Path file(String name) {
        return etc.resolve(ConfiguredPipelines.file(name));
    }

    private Path write(String name, byte[] content) throws IOException {
        return Files.write(file(name), content);
    }

    private Path write(String name, String... lines) throws IOException {
        return write(name, String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
    }

    /** As Karaf does: it reads the file in its own way. */
    private void deliver(String name, String... pairs) {
        Hashtable<String, Object> properties = new Hashtable<>(map(pairs));
        properties.put("felix.fileinstall.filename", file(name).toUri().toString());
        pipelines.updated("org.mien.pipeline~" + name, properties);
    }

    private String value(String name, String key) {
        return pipelines.find(name).orElseThrow().values().get(key).value();
    }

    @Test
    void theFileCountsAndNotWhatKarafMadeOfIt() throws IOException {
        write("a", "dataset.path = ${HOME}/f\u00fcr \u00dcbung  ", "dataset.subject = /(S\\d+)/");
        deliver("a", "dataset.path=/f\u00c3\u00bcr", "dataset.subject=/(Sd+)/");
        assertEquals("${HOME}/f\u00fcr \u00dcbung", value("a", "dataset.path"));
        assertEquals("/(S\\d+)/", value("a", "dataset.subject"));
        write("b", ("\ufeffdataset = colours\r\n").getBytes(StandardCharsets.UTF_16LE));
        deliver("b", "\u00ff\u00fed=x");
        assertEquals(Map.of("dataset", "colours"), map("dataset=" + value("b", "dataset")));
        write("a", "dataset.path = /other");
        assertEquals("/other", value("a", "dataset.path")); // before Karaf has seen it
        // config:delete leaves the file; whoever changes it wants it again.
        pipelines.deleted("org.mien.pipeline~a");
        assertTrue(pipelines.find("a").isEmpty());
        write("a", "dataset.path = /another");
        assertEquals("/another", value("a", "dataset.path"));
        Files.delete(file("a"));
        assertTrue(pipelines.find("a").isEmpty());
    }

    @Test
    void aFileThatCannotBeTakenOverIsFailedWithItsLine() throws IOException {
        write("a", "dataset = colours", "backbone = small", "method = head", "train.batch = 8 # x");
        deliver("a", "dataset=colours", "backbone=small", "method=head", "train.batch=8 # x");
        Pipelines.Pipeline broken = pipeline("a");
        assertEquals(Pipelines.State.FAILED, broken.state());
        String why =
                "org.mien.pipeline-a.cfg cannot be taken over: line 4: the value of 'train.batch'"
                        + " would have '# x' in it";
        assertTrue(broken.why().startsWith(why), broken.why());
        assertTrue(refused(() -> train("a")).contains(why));
        // Karaf refuses this one, and says so in the log only.
        write("b", "dataset = colours", "method = C:\\ux", "dataset = twice");
        assertTrue(pipeline("b").why().contains("'dataset' stands in it twice, in line 1 and"));
        write("b", "dataset = colours", "backbone = small", "method = head");
        assertEquals(Pipelines.State.READY, pipeline("b").state());
    }

    @Test
    void aListMayStandInBrackets() throws IOException {
        write("a", "dataset = colours", "backbone = small", "method = head", "train.batch = 16");
        Files.writeString(
                file("a"),
                "\npreprocess = [noise, ]\nevaluators = ['share']\n",
                StandardOpenOption.APPEND);
        assertEquals(Pipelines.State.READY, pipeline("a").state(), pipeline("a").why());
    }

    @Test
    void whatIsMadeIsReadAsItWasGiven() {
        Map<String, String> keys =
                map(
                        "dataset=colours",
                        "backbone=small",
                        "method=head",
                        "backbone.weights=/srv/Gesichter f\u00fcr \u00dcbung\\S\\u00e9 # 1/w.pth");
        Pipelines.Pipeline made = mien.pipelines().create("a", keys, false);
        assertTrue(pipelines.find("a").orElseThrow().has(keys));
        assertTrue(
                made.why().contains("\u00dcbung\\S\\u00e9 # 1/w.pth does not exist"), made.why());
        String blank = refused(() -> mien.pipelines().create("b", map("dataset=x\u00a0"), false));
        assertTrue(blank.contains("begins or ends with blanks"), blank);
    }
}
