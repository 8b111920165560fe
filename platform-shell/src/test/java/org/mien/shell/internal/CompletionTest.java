// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mien.core.Evaluations;
import org.mien.core.MienException;

class CompletionTest {
    private Shell shell;

    @BeforeEach
    void open() {
        shell = new Shell();
    }

    @AfterEach
    void close() {
        shell.close();
    }

    private void offers(String line, String... expected) {
        assertEquals(new TreeSet<>(List.of(expected)), new TreeSet<>(shell.complete(line)), line);
    }

    @Test
    void names() {
        offers("fer:train ", "demo", "raf", "linear-raf");
        offers("fer:train d", "demo");
        offers("fer:train --json ", "demo", "raf", "linear-raf");
        offers("fer:recipe-show ", "raf", "linear-raf");
        offers("fer:sweep-show ", "table-1");
        offers("fer:sweep ", "demo", "linear-raf", "raf", "table-1");
        offers("fer:sweep --base r", "raf");
        offers("fer:pipeline-show demo ", "demo", "raf");
        offers("fer:evaluate ", "demo-1", "demo-2");
        offers("fer:evaluate --as upright demo-", "demo-1", "demo-2");
        offers("fer:compare ", "demo-1", "demo-2", "table-1");
        shell.mien.evaluated =
                List.of(
                        new Evaluations.Evaluation(
                                        "demo-1", "test", 1, Map.of(), Set.of(), List.of(),
                                        List.of(), List.of())
                                .as("mine", Map.of("seed", "2")));
        offers("fer:compare demo-1:", "demo-1:mine");
        offers("fer:predict demo-", "demo-1", "demo-2");
        offers("fer:method-info ", "broken", "linear");
        offers("fer:plugin-list r", "resnet18", "resize");
    }

    @Test
    void keysOfThePlatformAndOfThePluginsOfThePipeline() {
        offers(
                "fer:train demo ",
                "backbone=",
                "preprocess=",
                "train.epochs=",
                "train.optimizer=",
                "backbone.size=",
                "method.smoothing=",
                "resize.antialias=");
        offers("fer:train raf ", "backbone=", "preprocess=", "train.epochs=", "train.optimizer=");
        offers("fer:train raf backbone=resnet18 backbone.", "backbone.size=");
        offers("fer:train demo train.epochs=3 train.o", "train.optimizer=");
        offers("fer:evaluate demo-1 method.", "method.smoothing=");
        offers("fer:train linear-raf method.", "method.smoothing=");
        offers("fer:sweep table-1 method.", "method.smoothing=");
        offers("fer:sweep --seeds 1..3 table-1 method.", "method.smoothing=");
        offers("fer:evaluate --split test demo-1 method.", "method.smoothing=");
        offers("fer:method-info linear ", "backbone=", "labels=", "method.smoothing=");
        offers("fer:method-info linear backbone=resnet18 backbone.", "backbone.size=");
        offers("fer:backbone-info ", "resnet18");
        offers("fer:backbone-info resnet18 ", "backbone.size=");
    }

    @Test
    void values() {
        offers("fer:train demo backbone=", "backbone=resnet18");
        offers("fer:method-info linear backbone=res", "backbone=resnet18");
        offers("fer:train demo train.optimizer=a", "train.optimizer=adam", "train.optimizer=adamw");
        offers("fer:train demo resize.antialias=f", "resize.antialias=false");
        offers("fer:train demo preprocess=f", "preprocess=flip", "preprocess=f");
        offers(
                "fer:train demo preprocess=flip+",
                "preprocess=flip+flip",
                "preprocess=flip+resize",
                "preprocess=flip+");
        offers(
                "fer:train demo preprocess=flip,",
                "preprocess=flip,flip",
                "preprocess=flip,resize",
                "preprocess=flip,");
    }

    @Test
    void options() {
        offers("fer:train --j", "--json");
        offers("fer:train demo --", "--json");
        offers("fer:evaluate --split t", "test", "train");
        offers("fer:evaluate demo-1 --split v", "validation");
    }

    @Test
    void files(@TempDir Path folder) throws IOException {
        Files.createFile(folder.resolve("face.png"));
        Set<String> found = Set.copyOf(shell.complete("fer:predict demo-1 " + folder + "/fa"));
        assertEquals(Set.of(folder + "/face.png"), found);
    }

    @Test
    void aPlatformInTroubleOffersNothing() {
        shell.mien.refusal = new MienException("the runs cannot be listed");
        assertTrue(shell.complete("fer:evaluate ").isEmpty());
    }
}
