// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.vision.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.mien.api.data.Face;
import org.mien.api.data.Picture;
import org.mien.vision.FaceDetector.Found;
import org.mien.vision.Images;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.imgproc.Imgproc;

/** What detectors share: a picture scaled down for the search, and the way back. */
final class Search implements AutoCloseable {
    private static final Comparator<Found> ORDER =
            Comparator.<Found>comparingDouble(found -> -found.face().score())
                    .thenComparingDouble(found -> -found.face().width() * found.face().height())
                    .thenComparingDouble(found -> found.face().x())
                    .thenComparingDouble(found -> found.face().y());

    /** Original pixels for each pixel of the search. */
    final double scaleX;

    private final double scaleY;

    /** The pixels to search. */
    final Mat pixels = new Mat();

    private final List<Found> found = new ArrayList<>();

    /**
     * Scales.
     *
     * @param side the longer side, at most
     * @param colours what the detector reads: a conversion from RGB
     */
    Search(Picture picture, int side, int colours) {
        if (picture.isEncoded()) {
            throw new IllegalArgumentException(
                    "an encoded file cannot be searched for faces; decode it first");
        }
        double shrink = Math.min(1, (double) side / Math.max(picture.width(), picture.height()));
        int width = (int) Math.max(1, Math.round(picture.width() * shrink));
        int height = (int) Math.max(1, Math.round(picture.height() * shrink));
        scaleX = (double) picture.width() / width;
        scaleY = (double) picture.height() / height;
        Picture smaller = Images.resize(picture, width, height);
        byte[] bytes = new byte[smaller.bytes().remaining()];
        smaller.bytes().get(bytes);
        Mat rgb = new Mat(height, width, CvType.CV_8UC3);
        try {
            rgb.put(0, 0, bytes);
            Imgproc.cvtColor(rgb, pixels, colours);
        } finally {
            rgb.release();
        }
    }

    /** A face in pixels of the search; points are centres of pixels. */
    void add(double x, double y, double width, double height, double score, float[]... points) {
        List<float[]> moved = new ArrayList<>();
        for (float[] point : points) {
            moved.add(
                    new float[] {
                        (float) ((point[0] + 0.5) * scaleX - 0.5),
                        (float) ((point[1] + 0.5) * scaleY - 0.5)
                    });
        }
        found.add(
                new Found(
                        new Face(x * scaleX, y * scaleY, width * scaleX, height * scaleY, score),
                        moved));
    }

    List<Found> inOrder() {
        found.sort(ORDER);
        return List.copyOf(found);
    }

    @Override
    public void close() {
        pixels.release();
    }
}
