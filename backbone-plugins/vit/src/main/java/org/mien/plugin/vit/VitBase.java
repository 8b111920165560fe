// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.vit;

import org.mien.api.method.Backbone;
import org.osgi.service.component.annotations.Component;

/** ViT-B: 12 blocks, tokens of 768, 12 heads; about 85.8 million parameters at 224 x 224. */
@Component(service = Backbone.class, property = "mien.id=vit-base")
public final class VitBase extends Vit {
    /** Made by the platform. */
    public VitBase() {
        super("vit-base", 12, 768, 12);
    }
}
