// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fdrl;

import org.mien.api.Feature;
import org.mien.api.method.Build;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Plan;
import org.osgi.service.component.annotations.Component;

/**
 * Feature Decomposition and Reconstruction Learning for Effective Facial Expression Recognition
 * (Ruan et al., CVPR 2021).
 */
@Component(property = "mien.id=fdrl")
public final class FdrlMethod implements Method<Settings> {
    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Plan plan(Settings settings) {
        return Plan.on(Feature.Kind.VECTOR)
                .phase(
                        "train",
                        "optimizer=adam",
                        "beta1=0.5",
                        "beta2=0.999",
                        "lr=1e-4",
                        "schedule=multi-step",
                        "milestones=10,18,25,32",
                        "epochs=40",
                        "batch=64");
    }

    @Override
    public Model build(Build build, Settings settings) {
        return new Fdrl(build, settings);
    }
}
