// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.pipeline;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.mien.core.internal.plugin.Border;
import org.mien.core.internal.plugin.Registry;

/** Keys that were given and cannot do what whoever gave them wants. */
public final class IdleKeys {
    /** Keys of the loop that count outside of training, too. */
    private static final Set<String> OUTSIDE =
            Set.of("train.device", "train.threads", "train.loader-threads", "train.batch");

    private IdleKeys() {}

    /**
     * Keys that count in training alone.
     *
     * @param given names of the keys that were given to what is no training
     * @return a sentence for each
     */
    public static List<String> outsideOfTraining(BoundPipeline bound, Collection<String> given) {
        List<String> said = new ArrayList<>();
        for (String key : given) {
            boolean training =
                    key.startsWith("train.") && !OUTSIDE.contains(key)
                            || key.matches("freeze|select(\\..*)?|method\\.init|.*\\.weights")
                            || key.matches(
                                    "data\\.(sampler|repeat-below|cache)|report\\.gallery.*");
            if (training) {
                said.add(key + " counts in training only, and changed nothing here.");
            }
        }
        for (BoundPipeline.Step step : bound.steps()) {
            String prefix = Registry.prefix(step.entry());
            for (String name : varying(step)) {
                if (given.contains(prefix + name)) {
                    said.add(
                            prefix
                                    + name
                                    + " changed nothing here: "
                                    + step.entry().who()
                                    + " varies pictures by it in training only; without chance"
                                    + " every picture is as it is.");
                }
            }
        }
        return said.stream().distinct().toList();
    }

    private static Set<String> varying(BoundPipeline.Step step) {
        return Border.call(step.entry(), () -> step.entry().preprocessor().varying());
    }

    /** Steps that can never act, a sentence each. */
    public static List<String> idleSteps(BoundPipeline bound) {
        List<String> said = new ArrayList<>();
        for (BoundPipeline.Step step : bound.steps()) {
            boolean idle =
                    Border.call(
                            step.entry(), () -> step.entry().preprocessor().idle(step.settings()));
            if (idle) {
                said.add(
                        "preprocess: "
                                + step.entry().who()
                                + " changes no picture with the keys it has ("
                                + keys(bound, step)
                                + ")");
            } else if (step.group().share() == 0) {
                said.add(
                        "preprocess: '"
                                + step.group()
                                + "' gives "
                                + step.entry().who()
                                + " the share 0, so it never varies");
            }
        }
        return said.stream().distinct().toList();
    }

    private static String keys(BoundPipeline bound, BoundPipeline.Step step) {
        String prefix = Registry.prefix(step.entry());
        List<String> pairs = new ArrayList<>();
        bound.values()
                .forEach(
                        (key, value) -> {
                            if (key.startsWith(prefix)) {
                                pairs.add(key + "=" + value.value());
                            }
                        });
        return String.join(", ", pairs);
    }
}
