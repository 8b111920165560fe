// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.hsaw;

import org.mien.api.Feature;
import org.mien.api.method.Build;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Plan;
import org.osgi.service.component.annotations.Component;

/**
 * HSAW: A Half-Face Self-Attention Weighted Approach for Facial Expression Recognition (Huang and
 * Yang, Applied Sciences 14, 5782, 2024).
 */
@Component(property = "mien.id=hsaw")
public final class HsawMethod implements Method<Settings> {
    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Plan plan(Settings settings) {
        Plan plan = Plan.on(Feature.Kind.MAP);
        if (settings.attention()) {
            plan.views("face", "left", "right").oriented();
        } else if (settings.relabelling()) {
            plan.views("face", "mirror");
        }
        if (settings.relabelling()) {
            plan.relabels();
        }
        return plan.phase(
                "train",
                "optimizer=sgd",
                "momentum=0.9",
                "weight-decay=5e-4",
                "lr=1e-3",
                "epochs=50",
                "batch=128");
    }

    @Override
    public Model build(Build build, Settings settings) {
        return new Hsaw(build, settings);
    }
}
