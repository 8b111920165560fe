// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.pfvit;

import org.mien.api.Key;
import org.mien.api.method.Build;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Plan;
import org.osgi.service.component.annotations.Component;

/**
 * Multi-Task MAE, the variant of PF-ViT (Li et al. 2022, appendix B) whose encoder sees some of the
 * patches only.
 */
@Component(property = "mien.id=multi-task-mae")
public final class MultiTaskMaeMethod implements Method<MultiTaskMaeMethod.Settings> {
    /**
     * Keys.
     *
     * @param maskRatio share of the patches that is hidden in training
     * @param testMaskRatio share of the patches that is hidden when it predicts
     * @param shared those of PF-ViT
     */
    public record Settings(
            @Key(
                            value = "0.75",
                            min = 0,
                            max = 0.99,
                            doc = "share of the patches that is hidden in training (Table B1)")
                    double maskRatio,
            @Key(
                            value = "0",
                            min = 0,
                            max = 0.99,
                            doc = "share of the patches that is hidden when it predicts (Table B1)")
                    double testMaskRatio,
            Choices shared) {}

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Plan plan(Settings settings) {
        return settings.shared().plan();
    }

    @Override
    public Model build(Build build, Settings settings) {
        return new PfVit(
                build,
                settings.shared(),
                new Masks(settings.maskRatio(), settings.testMaskRatio()));
    }
}
