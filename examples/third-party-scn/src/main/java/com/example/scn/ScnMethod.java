// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package com.example.scn;

import org.mien.api.Feature;
import org.mien.api.Key;
import org.mien.api.method.Build;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Plan;
import org.osgi.service.component.annotations.Component;

/**
 * Self-Cure Network: Suppressing Uncertainties for Large-Scale Facial Expression Recognition (Wang
 * et al., CVPR 2020).
 */
@Component(property = "mien.id=scn")
public final class ScnMethod implements Method<ScnMethod.Settings> {
    /**
     * Keys, with the paper's values as defaults.
     *
     * @param beta share of the batch that is the high group
     * @param delta1 margin between the groups' mean importances
     * @param delta2 margin between the probabilities of two labels
     * @param gamma share of the rank loss in the whole
     * @param relabel whether labels change
     * @param relabelFrom epoch from which they do
     */
    public record Settings(
            @Key(value = "0.7", min = 0, max = 1, doc = "share of a batch in the high group")
                    double beta,
            @Key(value = "0.15", min = 0, max = 1, doc = "margin of the rank loss") double delta1,
            @Key(
                            value = "0.2",
                            min = 0,
                            max = 1,
                            doc = "a new label is this much more probable than the given one")
                    double delta2,
            @Key(
                            value = "0.5",
                            min = 0,
                            max = 0.99,
                            doc = "share of the rank loss, the rest is cross-entropy")
                    double gamma,
            @Key(value = "true", doc = "whether labels of the low group may change")
                    boolean relabel,
            @Key(value = "10", min = 0, doc = "first epoch that changes labels, from 0")
                    int relabelFrom) {}

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Plan plan(Settings settings) {
        Plan plan =
                Plan.on(Feature.Kind.VECTOR)
                        .phase(
                                "train",
                                "optimizer=sgd",
                                "lr=0.01",
                                "schedule=multi-step",
                                "milestones=15,30",
                                "epochs=40",
                                "batch=64");
        return settings.relabel() ? plan.relabels() : plan;
    }

    @Override
    public Model build(Build build, Settings settings) {
        return new Scn(build, settings);
    }
}
