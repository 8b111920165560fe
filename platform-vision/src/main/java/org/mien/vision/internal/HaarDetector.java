// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.vision.internal;

import java.util.List;
import org.mien.api.data.Picture;
import org.mien.vision.FaceDetector;
import org.mien.vision.OpenCv;
import org.opencv.core.MatOfInt;
import org.opencv.core.MatOfRect;
import org.opencv.core.Rect;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;
import org.opencv.objdetect.CascadeClassifier;

/** The detector of {@code FaceDetectors.haar}. */
public final class HaarDetector implements FaceDetector {
    private static final double GROWTH = 1.1;

    private final int neighbours;
    private final int side;
    private final int smallest;
    private CascadeClassifier cascade;

    /**
     * Loads the cascade.
     *
     * @param file its file
     * @param neighbours fewest windows
     * @param side longer side of the search
     * @param smallest width of the smallest face
     */
    public HaarDetector(String file, int neighbours, int side, int smallest) {
        OpenCv.load();
        this.neighbours = neighbours;
        this.side = side;
        this.smallest = smallest;
        cascade = new CascadeClassifier(file);
        if (cascade.empty()) {
            throw new IllegalStateException(
                    "vision: " + file + " is no cascade. Build the distribution again");
        }
    }

    @Override
    public List<Found> detect(Picture picture) {
        MatOfRect boxes = new MatOfRect();
        MatOfInt counts = new MatOfInt();
        try (Search search = new Search(picture, side, Imgproc.COLOR_RGB2GRAY)) {
            double least = Math.ceil(smallest / search.scaleX);
            cascade.detectMultiScale2(
                    search.pixels,
                    boxes,
                    counts,
                    GROWTH,
                    neighbours,
                    0,
                    new Size(least, least),
                    new Size());
            if (!boxes.empty()) {
                Rect[] all = boxes.toArray();
                int[] agreeing = counts.toArray();
                for (int i = 0; i < all.length; i++) {
                    search.add(all[i].x, all[i].y, all[i].width, all[i].height, agreeing[i]);
                }
            }
            return search.inOrder();
        } finally {
            boxes.release();
            counts.release();
        }
    }

    @Override
    public void close() {
        // OpenCV's Java classes free an algorithm when it is collected, not before.
        cascade = null;
    }
}
