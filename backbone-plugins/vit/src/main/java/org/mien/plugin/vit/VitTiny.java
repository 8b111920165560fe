// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.vit;

import org.mien.api.method.Backbone;
import org.osgi.service.component.annotations.Component;

/** ViT-T: 12 blocks, tokens of 192, 3 heads; about 5.5 million parameters at 224 x 224. */
@Component(service = Backbone.class, property = "mien.id=vit-tiny")
public final class VitTiny extends Vit {
    /** Made by the platform. */
    public VitTiny() {
        super("vit-tiny", 12, 192, 3);
    }
}
