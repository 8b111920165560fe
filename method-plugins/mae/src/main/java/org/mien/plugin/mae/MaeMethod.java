// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.mae;

import org.mien.api.Feature;
import org.mien.api.method.Build;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Plan;
import org.mien.nn.Masking;
import org.osgi.service.component.annotations.Component;

/**
 * Masked Autoencoders Are Scalable Vision Learners (He et al., CVPR 2022), as PF-ViT (Li et al.
 * 2022, section 3.1 and appendix A) pre-trains its transformers on faces.
 */
@Component(property = "mien.id=mae")
public final class MaeMethod implements Method<Settings> {
    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Plan plan(Settings settings) {
        return Plan.on(Feature.Kind.TOKENS)
                .unlabelled()
                .phase(
                        "train",
                        "optimizer=adamw",
                        "beta2=0.95",
                        "weight-decay=0.05",
                        "decay-vectors=false",
                        "lr=1.5e-4",
                        "schedule=cosine",
                        "warmup=40",
                        "epochs=300",
                        "batch=256");
    }

    @Override
    public Model build(Build build, Settings settings) {
        return new Mae(build, settings, Masking.Noise::uniform);
    }

    /** The names of the published code. */
    @Override
    public String published(String path) {
        return path.replaceFirst("^decoder\\.mask_token$", "mask_token")
                .replaceFirst("^decoder\\.positions\\.positions$", "decoder_pos_embed")
                .replaceFirst("^decoder\\.blocks\\.", "decoder_blocks.")
                .replaceFirst("^decoder\\.", "decoder_")
                .replaceFirst("^pred\\.", "decoder_pred.");
    }
}
