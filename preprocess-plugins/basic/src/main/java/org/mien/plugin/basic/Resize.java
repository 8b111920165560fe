// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.basic;

import java.util.List;
import org.mien.api.Key;
import org.mien.api.data.Preprocessor;
import org.mien.vision.Images;
import org.osgi.service.component.annotations.Component;

/** Scales a picture to a square; proportions are not kept. */
@Component(property = "mien.id=resize")
public final class Resize implements Preprocessor<Resize.Settings> {
    /**
     * Keys {@code resize.*}.
     *
     * @param size side of the square
     */
    public record Settings(
            @Key(
                            value = "224",
                            min = 8,
                            max = 4096,
                            doc = "Side of the square that every picture is scaled to, in pixels")
                    int size) {}

    @Override
    public When when() {
        return When.ONCE;
    }

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Step open(Settings settings, String view) {
        return picture -> List.of(Images.resize(picture, settings.size(), settings.size()));
    }
}
