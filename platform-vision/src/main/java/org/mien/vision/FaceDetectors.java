// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.vision;

import java.nio.file.Path;
import org.mien.vision.internal.HaarDetector;
import org.mien.vision.internal.YunetDetector;

/** The detectors of faces that there are. */
public final class FaceDetectors {
    private FaceDetectors() {}

    /**
     * Which of OpenCV's cascades to use; both were trained by Rainer Lienhart, of frontal faces.
     */
    public enum Cascade {
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
    public static FaceDetector haar(Cascade cascade, int neighbours, int side, int smallest) {
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
    public static FaceDetector yunet(Path model, double score, int side, int smallest) {
        return new YunetDetector(model, score, side, smallest);
    }
}
