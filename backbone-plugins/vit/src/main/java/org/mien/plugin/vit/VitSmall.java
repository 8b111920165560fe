// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.vit;

import org.mien.api.method.Backbone;
import org.osgi.service.component.annotations.Component;

/** ViT-S: 12 blocks, tokens of 384, 6 heads; about 21.7 million parameters at 224 x 224. */
@Component(service = Backbone.class, property = "mien.id=vit-small")
public final class VitSmall extends Vit {
    /** Made by the platform. */
    public VitSmall() {
        super("vit-small", 12, 384, 6);
    }
}
