// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.vision.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.mien.api.data.Picture;
import org.mien.vision.FaceDetector;
import org.mien.vision.OpenCv;
import org.opencv.core.CvException;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;
import org.opencv.objdetect.FaceDetectorYN;

/** The detector of {@code FaceDetectors.yunet}. */
public final class YunetDetector implements FaceDetector {
    /** The model has 232,589 bytes; another of its kind will not have a hundred times as many. */
    private static final int MOST_BYTES = 32 << 20;

    /** Overlap of boxes above which the lesser is dropped, as in OpenCV's own example. */
    private static final float OVERLAP = 0.3f;

    private static final int MOST_BOXES = 5000;

    /** Columns of a row: box, five points, score. */
    private static final int COLUMNS = 15;

    private final Path model;
    private final int side;
    private final int smallest;
    private FaceDetectorYN net;

    /**
     * Loads the model.
     *
     * @param model its file
     * @param score lowest score
     * @param side longer side of the search
     * @param smallest width of the smallest face
     */
    public YunetDetector(Path model, double score, int side, int smallest) {
        OpenCv.load();
        this.model = model;
        this.side = side;
        this.smallest = smallest;
        byte[] bytes = read(model);
        MatOfByte file = new MatOfByte(bytes);
        MatOfByte none = new MatOfByte();
        try {
            net =
                    FaceDetectorYN.create(
                            "onnx",
                            file,
                            none,
                            new Size(32, 32),
                            (float) score,
                            OVERLAP,
                            MOST_BOXES);
            Mat found = new Mat();
            Mat grey = Mat.zeros(32, 32, CvType.CV_8UC3);
            try {
                net.detect(grey, found);
            } finally {
                found.release();
                grey.release();
            }
        } catch (CvException e) {
            throw strange(e);
        } finally {
            file.release();
            none.release();
        }
    }

    private static byte[] read(Path model) {
        if (!Files.isRegularFile(model)) {
            throw new IllegalArgumentException(
                    "the model "
                            + model
                            + (Files.exists(model) ? " is not a file" : " does not exist")
                            + "; expected face_detection_yunet_2023mar.onnx of OpenCV's model zoo");
        }
        try (InputStream in = Files.newInputStream(model)) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new IllegalArgumentException(
                        "the model " + model + " is larger than " + MOST_BYTES + " bytes");
            }
            return bytes;
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "the model " + model + " cannot be read: " + e.getMessage());
        }
    }

    private IllegalArgumentException strange(CvException e) {
        String first =
                e.getMessage() == null ? "" : e.getMessage().strip().lines().findFirst().orElse("");
        return new IllegalArgumentException(
                "the model "
                        + model
                        + " is not YuNet as OpenCV reads it; expected"
                        + " face_detection_yunet_2023mar.onnx. OpenCV says: "
                        + first);
    }

    @Override
    public List<Found> detect(Picture picture) {
        Mat rows = new Mat();
        try (Search search = new Search(picture, side, Imgproc.COLOR_RGB2BGR)) {
            net.setInputSize(search.pixels.size());
            net.detect(search.pixels, rows);
            float[] row = new float[COLUMNS];
            for (int i = 0; i < rows.rows(); i++) {
                rows.get(i, 0, row);
                if (row[2] > 0 && row[3] > 0 && row[2] * search.scaleX >= smallest) {
                    search.add(
                            row[0],
                            row[1],
                            row[2],
                            row[3],
                            row[14],
                            new float[] {row[4], row[5]},
                            new float[] {row[6], row[7]},
                            new float[] {row[8], row[9]},
                            new float[] {row[10], row[11]},
                            new float[] {row[12], row[13]});
                }
            }
            return search.inOrder();
        } catch (CvException e) {
            throw strange(e);
        } finally {
            rows.release();
        }
    }

    @Override
    public void close() {
        // OpenCV's Java classes free an algorithm when it is collected, not before.
        net = null;
    }
}
