// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.faces;

import java.util.List;
import org.mien.api.data.Preprocessor;
import org.mien.vision.Images;
import org.osgi.service.component.annotations.Component;

/**
 * Turns a face about the picture's centre so that both eyes lie on one row. Width and height stay.
 */
@Component(property = "mien.id=level")
public final class Level implements Preprocessor<Level.Settings> {
    /** No keys. */
    public record Settings() {}

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
        return picture -> {
            List<float[]> points = Points.five(picture, "level");
            double right = points.get(1)[0] - points.get(0)[0];
            double down = points.get(1)[1] - points.get(0)[1];
            return List.of(
                    Images.rotate(picture, StrictMath.toDegrees(StrictMath.atan2(down, right))));
        };
    }
}
