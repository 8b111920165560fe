// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.vision;

import java.nio.file.Path;
import java.util.List;
import org.mien.api.data.Face;
import org.mien.api.data.Picture;
import org.mien.vision.internal.HaarDetector;
import org.mien.vision.internal.YunetDetector;

/** Finds faces; for one thread. What it holds of native memory is released after {@link #close}. */
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
     * Which of OpenCV's cascades to use; both were trained by Rainer Lienhart, of frontal faces.
     */
    enum Cascade {
        /** {@code haarcascade_frontalface_default}: stumps, 24 x 24. */
        DEFAULT("haarcascade_frontalface_default"),
        /** {@code haarcascade_frontalface_alt2}: trees, 20 x 20. */
        ALT2("haarcascade_frontalface_alt2");

        private final String file;

        Cascade(String file) {
            this.file = file;
        }
    }

    /**
     * A cascade of boosted features (Viola and Jones, CVPR 2001; Lienhart and Maydt, ICIP 2002),
     * one of those that come with OpenCV. Its windows grow by a tenth. A score is the number of
     * windows that agree on the face.
     *
     * @param cascade which one
     * @param neighbours fewest windows that agree, at least 1
     * @param side the longer side that a picture is scaled down to for the search, in pixels
     * @param smallest width of the smallest face to look for, in pixels of the picture
     * @return the detector
     */
    static FaceDetector haar(Cascade cascade, int neighbours, int side, int smallest) {
        return new HaarDetector(OpenCv.cascade(cascade.file), neighbours, side, smallest);
    }

    /**
     * YuNet (Wu and others, Machine Intelligence Research 2023), which gives five points. A score
     * is from 0 to 1.
     *
     * @param model its file, {@code face_detection_yunet_2023mar.onnx}
     * @param score lowest score, 0 to 1
     * @param side the longer side that a picture is scaled down to for the search, in pixels
     * @param smallest width of the smallest face that counts, in pixels of the picture
     * @return the detector
     * @throws IllegalArgumentException in words, when the file is not there or is no such model
     */
    static FaceDetector yunet(Path model, double score, int side, int smallest) {
        return new YunetDetector(model, score, side, smallest);
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
