// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mien.api.InputSpec;
import org.mien.api.data.Targets;
import org.mien.core.Value;
import org.mien.core.internal.io.Json;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.run.RunFolders;

/**
 * What an export says of itself, so that it can be used without its run: the classes, what the
 * network reads, and the steps from a picture to that. Each value is text; lists and objects are
 * JSON.
 */
final class ModelCard {
    /** The classes in the order of the network's answers, a list. */
    static final String LABELS = "mien.labels";

    private ModelCard() {}

    /**
     * Text by name.
     *
     * @param run folder of the run
     * @param bound its pipeline
     */
    static Map<String, String> of(Path run, BoundPipeline bound) {
        Targets targets = RunFolders.config(run).targets();
        Map<String, String> card = new LinkedHashMap<>();
        card.put("format", "pt"); // what Python's safetensors expects of weights for PyTorch
        card.put("mien.run", run.getFileName().toString());
        card.put("mien.backbone", bound.parts().backbone());
        card.put("mien.method", bound.parts().method());
        card.put(LABELS, Json.line(targets.classes()));
        if (!targets.multiLabel().isEmpty() || !targets.values().isEmpty()) {
            card.put("mien.targets", Json.line(targets));
        }
        card.put("mien.input", Json.line(input(bound.build(targets).parts().input())));
        card.put("mien.steps", Json.line(steps(bound)));
        card.put("mien.keys", Json.line(keys(bound)));
        return card;
    }

    private static Map<String, Object> input(InputSpec input) {
        Map<String, Object> form = new LinkedHashMap<>();
        form.put("height", input.height());
        form.put("width", input.width());
        form.put("colours", "RGB");
        form.put("axes", "batch, colour, row, column");
        form.put("value", "(pixel / 255 - mean) / deviation");
        form.put("mean", input.mean());
        form.put("deviation", input.deviation());
        return form;
    }

    /** In the order in which they run. */
    private static List<Map<String, Object>> steps(BoundPipeline bound) {
        List<Map<String, Object>> all = new ArrayList<>();
        List<BoundPipeline.Step> steps = new ArrayList<>(bound.steps());
        steps.sort(
                Comparator.comparingInt(
                        step ->
                                step.group().isOnView()
                                        ? Integer.MAX_VALUE
                                        : step.when().ordinal()));
        for (BoundPipeline.Step step : steps) {
            Map<String, Object> form = new LinkedHashMap<>();
            form.put("step", step.entry().id());
            form.put("written", step.group().toString());
            form.put("when", step.when().toString().toLowerCase(Locale.ROOT));
            form.put("keys", under(bound, step.entry().id() + "."));
            all.add(form);
        }
        return all;
    }

    /** Keys of which the network is made. */
    private static Map<String, String> keys(BoundPipeline bound) {
        Map<String, String> keys = under(bound, "backbone.");
        keys.putAll(under(bound, "method."));
        keys.remove("backbone.weights");
        keys.remove("method.init");
        keys.remove("method.init-classes");
        return keys;
    }

    private static Map<String, String> under(BoundPipeline bound, String prefix) {
        Map<String, String> under = new LinkedHashMap<>();
        for (Map.Entry<String, Value> one : bound.values().entrySet()) {
            if (one.getKey().startsWith(prefix)) {
                under.put(one.getKey(), one.getValue().value());
            }
        }
        return under;
    }
}
