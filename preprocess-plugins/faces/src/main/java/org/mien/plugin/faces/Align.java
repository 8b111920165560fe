// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.faces;

import java.util.List;
import org.mien.api.Key;
import org.mien.api.data.Preprocessor;
import org.mien.vision.Images;
import org.osgi.service.component.annotations.Component;

/**
 * Turns, scales and shifts a face so that its five points come to lie on the template of ArcFace
 * (Deng and others, CVPR 2019), as networks trained on faces expect it.
 */
@Component(property = "mien.id=align")
public final class Align implements Preprocessor<Align.Settings> {
    /**
     * Keys {@code align.*}.
     *
     * @param size side of the square
     */
    public record Settings(
            @Key(
                            value = "112",
                            min = 16,
                            max = 4096,
                            doc =
                                    "Side of the square in pixels; the template, made for 112, is"
                                            + " scaled with it")
                    int size) {}

    /** In a square of 112 pixels, as (x, y) of centres of pixels. */
    private static final float[][] TEMPLATE = {
        {38.2946f, 51.6963f},
        {73.5318f, 51.5014f},
        {56.0252f, 71.7366f},
        {41.5493f, 92.3655f},
        {70.7299f, 92.2041f}
    };

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
        List<float[]> template = template(settings.size());
        return picture -> {
            Points.five(picture, "align");
            return List.of(Images.align(picture, template, settings.size(), settings.size()));
        };
    }

    /** Where the points lie in a square of that side. */
    static List<float[]> template(int size) {
        float scale = size / 112f;
        return List.of(TEMPLATE).stream()
                .map(point -> new float[] {point[0] * scale, point[1] * scale})
                .toList();
    }
}
