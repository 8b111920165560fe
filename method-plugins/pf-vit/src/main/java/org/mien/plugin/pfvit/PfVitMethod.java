// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.pfvit;

import org.mien.api.method.Build;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Plan;
import org.osgi.service.component.annotations.Component;

/**
 * Emotion Separation and Recognition from a Facial Expression by Generating the Poker Face with
 * Vision Transformers (Li et al. 2022).
 */
@Component(property = "mien.id=pf-vit")
public final class PfVitMethod implements Method<Choices> {
    @Override
    public Class<Choices> settings() {
        return Choices.class;
    }

    @Override
    public Plan plan(Choices settings) {
        return settings.plan();
    }

    @Override
    public Model build(Build build, Choices settings) {
        return new PfVit(build, settings, null);
    }
}
