// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.vision;

import java.util.List;
import org.mien.api.data.Face;
import org.mien.api.data.Picture;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Finds faces; {@link FaceDetectors} makes one. For one thread. What it holds of native memory is
 * released after {@link #close}.
 */
@ProviderType
public interface FaceDetector extends AutoCloseable {
    /**
     * A face in the pixels of the picture that was searched.
     *
     * @param face its box and score
     * @param points eyes (left of the image first), nose tip, corners of the mouth, as (x, y);
     *     empty where the detector has none
     */
    record Found(Face face, List<float[]> points) {
        /** Copies the list. */
        public Found {
            points = List.copyOf(points);
        }
    }

    /**
     * Looks for faces.
     *
     * @param picture decoded
     * @return the faces, the one with the highest score first; of equals the larger, then the left
     */
    List<Found> detect(Picture picture);

    @Override
    void close();
}
