// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.linear;

import ai.djl.ndarray.NDArray;
import org.mien.api.Feature;
import org.mien.api.Key;
import org.mien.api.Output;
import org.mien.api.method.Build;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Plan;
import org.mien.api.net.Trunk;
import org.mien.nn.Linear;
import org.osgi.service.component.annotations.Component;

/** Every paper's baseline: a backbone's vector and one linear layer, trained by cross-entropy. */
@Component(property = "mien.id=linear")
public final class LinearMethod implements Method<LinearMethod.Settings> {
    /**
     * Keys.
     *
     * @param dropout before the layer
     * @param view what it reads
     */
    public record Settings(
            @Key(value = "0", min = 0, max = 0.99, doc = "dropout before the layer, probability")
                    double dropout,
            @Key(
                            value = "face",
                            doc =
                                    "view it reads: face, or one that a step cuts, such as left and"
                                            + " right of half-face")
                    String view) {}

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Plan plan(Settings settings) {
        Plan plan = Plan.on(Feature.Kind.VECTOR).views(settings.view());
        // A mirrored face has another left half.
        return settings.view().equals("face") ? plan : plan.oriented();
    }

    @Override
    public Model build(Build build, Settings settings) {
        Trunk backbone = build.trunk();
        int width = backbone.feature(Feature.Kind.VECTOR).channels();
        Linear head = build.part("head", new Linear(width, build.classes()));
        return (batch, pass) -> {
            NDArray x = backbone.run(pass, batch.view(settings.view()), Feature.Kind.VECTOR);
            return Output.logits(head.run(pass, pass.dropout(x, settings.dropout())))
                    .also("embedding", Output.Role.EMBEDDING, x);
        };
    }
}
