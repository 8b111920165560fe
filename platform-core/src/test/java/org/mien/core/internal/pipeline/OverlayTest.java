// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mien.core.Value;

/** What goes with a plugin that is left out. */
class OverlayTest {
    private static Map<String, Value> values(String... pairs) {
        Map<String, Value> values = new LinkedHashMap<>();
        for (String pair : pairs) {
            int at = pair.indexOf('=');
            values.put(pair.substring(0, at), new Value(pair.substring(at + 1), "test"));
        }
        return values;
    }

    private static final Map<String, Value> BASE =
            values(
                    "dataset=image-folder",
                    "dataset.path=/a",
                    "dataset.subject=/(S.)/",
                    "backbone=resnet18",
                    "backbone.size=64",
                    "freeze=stem,layer1",
                    "method=fdrl",
                    "method.latents=9",
                    "teacher.weights=demo-1",
                    "train.lr=1",
                    "train.head.lr=2",
                    "train.backbone.layer4.lr=3",
                    "train.stage.backbone.layer4.lr=3",
                    "train.stage.head.lr=3",
                    "preprocess=[resize, rotate+crop:0.5, flip@left]",
                    "resize.size=40",
                    "crop.shift=4",
                    "flip.probability=1",
                    "evaluators=classification,regression",
                    "classification.top=3",
                    "select=classification.macroF1",
                    "select.mode=max",
                    "seed=7");

    private static Set<String> gone(String... over) {
        return Overlay.gone(BASE, values(over));
    }

    @Test
    void keysGoWithTheirPlugin() {
        assertEquals(Set.of(), gone("seed=1", "train.lr=1", "dataset.path=/b"));
        assertEquals(
                Set.of(), gone("dataset= image-folder ", "evaluators=regression,classification"));
        assertEquals(Set.of("dataset.path", "dataset.subject"), gone("dataset=fer2013"));
        assertEquals(Set.of("crop.shift", "flip.probability"), gone("preprocess=rotate,resize"));
        assertEquals(Set.of("resize.size", "flip.probability"), gone("preprocess=[crop@view]"));
        assertEquals(
                Set.of("classification.top", "select", "select.mode"),
                gone("evaluators=regression"));
        assertEquals(
                Set.of(
                        "backbone.size",
                        "freeze",
                        "train.backbone.layer4.lr",
                        "train.stage.backbone.layer4.lr"),
                gone("backbone=ir50"));
        assertEquals(
                Set.of(
                        "method.latents",
                        "teacher.weights",
                        "train.head.lr",
                        "train.backbone.layer4.lr",
                        "train.stage.backbone.layer4.lr",
                        "train.stage.head.lr"),
                gone("method=linear"));
    }

    @Test
    void whatIsGivenCountsAllTheSame() {
        Map<String, Value> over = values("dataset=fer2013", "dataset.path=/c.csv");
        Map<String, Value> all = Overlay.of(BASE, over);
        assertEquals("/c.csv", all.get("dataset.path").value());
        assertEquals(null, all.get("dataset.subject"));
        assertEquals("64", all.get("backbone.size").value());
    }
}
