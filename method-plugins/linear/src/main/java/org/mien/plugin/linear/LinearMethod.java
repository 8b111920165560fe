// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.linear;

import java.util.List;
import org.mien.api.Feature;
import org.mien.api.data.Target;
import org.mien.api.method.Build;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Plan;
import org.osgi.service.component.annotations.Component;

/**
 * Every paper's baseline: a backbone's vector and one linear layer for each kind of target that is
 * learnt. Classes are learnt by cross-entropy, several labels at once by binary cross-entropy,
 * values by one minus their concordance correlation or by smooth L1.
 */
@Component(property = "mien.id=linear")
public final class LinearMethod implements Method<Settings> {
    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Plan plan(Settings settings) {
        List<Target> learns = settings.learns().stream().map(Target::of).toList();
        Plan plan =
                Plan.on(Feature.Kind.VECTOR)
                        .views(settings.view())
                        .learns(learns.get(0), learns.toArray(Target[]::new));
        if (learns.contains(Target.CLASS)) {
            plan.mayUse(Target.DISTRIBUTION);
        }
        // A mirrored face has another left half.
        return settings.view().equals("face") ? plan : plan.oriented();
    }

    @Override
    public Model build(Build build, Settings settings) {
        return new Linears(build, settings);
    }
}
