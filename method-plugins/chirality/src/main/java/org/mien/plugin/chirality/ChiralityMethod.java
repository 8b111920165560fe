// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.chirality;

import org.mien.api.Feature;
import org.mien.api.method.Build;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Plan;
import org.mien.plugin.chirality.Settings.Variant;
import org.osgi.service.component.annotations.Component;

/**
 * Facial Chirality: From Visual Self-reflection to Robust Facial Feature Learning (Lo, Xie, Shuai
 * and Cheng), and its conference version (Lo et al., ICME 2021).
 */
@Component(property = "mien.id=chirality")
public final class ChiralityMethod implements Method<Settings> {
    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Plan plan(Settings settings) {
        // A step that mirrors some faces would make noise of what is original and what is mirrored.
        Plan plan = Plan.on(Feature.Kind.MAP).views("face", "mirror").oriented();
        if (settings.variant() == Variant.ICME) {
            return plan.phase(
                    "train",
                    "optimizer=adam",
                    "lr=1e-3",
                    "weight-decay=1e-4",
                    "schedule=multi-step",
                    "milestones=20,40",
                    "epochs=60",
                    "batch=60");
        }
        return plan.phase(
                "train",
                "optimizer=sgd",
                "lr=1e-3",
                "schedule=multi-step",
                "milestones=15",
                "epochs=30",
                "batch=32");
    }

    @Override
    public Model build(Build build, Settings settings) {
        return new Chirality(build, settings);
    }
}
