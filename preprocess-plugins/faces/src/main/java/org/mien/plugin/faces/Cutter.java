// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.faces;

import java.util.Comparator;
import java.util.List;
import org.mien.api.data.Face;
import org.mien.api.data.Picture;
import org.mien.api.data.Preprocessor.Step;
import org.mien.vision.FaceDetector;
import org.mien.vision.FaceDetector.Found;
import org.mien.vision.Images;

/** What every detector does with what it finds: chooses, cuts out, and says where it was. */
final class Cutter implements Step {
    /** Larger faces are scaled down before they are cut; no step asks for larger ones. */
    private static final int MOST_SIDE = 4096;

    private final String id;
    private final FaceDetector detector;
    private final Faces faces;
    private final None none;
    private final double margin;

    /**
     * A step.
     *
     * @param id of the preprocessor, for messages
     * @param detector closed with the step
     * @param faces which of several
     * @param none what if there is none
     * @param margin on each side, as a share of the box's longer side
     */
    Cutter(String id, FaceDetector detector, Faces faces, None none, double margin) {
        this.id = id;
        this.detector = detector;
        this.faces = faces;
        this.none = none;
        this.margin = margin;
    }

    @Override
    public List<Picture> apply(Picture picture) {
        if (picture.face().isPresent()) {
            throw new IllegalArgumentException(
                    "an earlier step has found the face already. Name one detector in preprocess");
        }
        List<Found> found = detector.detect(picture);
        if (found.isEmpty()) {
            return nothing(picture);
        }
        return switch (faces) {
            case ALL -> found.stream().map(one -> cut(picture, one)).toList();
            case FIRST -> List.of(cut(picture, found.get(0)));
            case LARGEST ->
                    List.of(
                            cut(
                                    picture,
                                    found.stream()
                                            .max(Comparator.comparingDouble(Cutter::area))
                                            .orElseThrow()));
        };
    }

    private static double area(Found found) {
        return found.face().width() * found.face().height();
    }

    private List<Picture> nothing(Picture picture) {
        return switch (none) {
            case SKIP -> List.of();
            case WHOLE_IMAGE -> List.of(picture);
            case FAIL ->
                    throw new IllegalArgumentException(
                            "no face was found in a picture of "
                                    + picture.width()
                                    + " x "
                                    + picture.height()
                                    + " pixels. Set "
                                    + id
                                    + ".none to skip or whole-image, or look for smaller faces with "
                                    + id
                                    + ".min-size and "
                                    + id
                                    + ".side");
        };
    }

    /**
     * A square about the box, with the points; where it reaches over the edge, that is repeated.
     */
    private Picture cut(Picture picture, Found found) {
        Face box = found.face();
        double side = Math.max(1, Math.max(box.width(), box.height()) * (1 + 2 * margin));
        Picture marked =
                new Picture(
                                picture.width(),
                                picture.height(),
                                picture.bytes(),
                                found.points(),
                                picture.facts())
                        .with(original(picture, box));
        double scale = Math.min(1, MOST_SIDE / side);
        int width = (int) Math.max(1, Math.round(picture.width() * scale));
        int height = (int) Math.max(1, Math.round(picture.height() * scale));
        double scaleX = (double) width / picture.width();
        double scaleY = (double) height / picture.height();
        int whole = (int) Math.min(MOST_SIDE, Math.max(1, Math.round(side * scale)));
        double centreX = (box.x() + box.width() / 2) * scaleX;
        double centreY = (box.y() + box.height() / 2) * scaleY;
        return Images.crop(
                Images.resize(marked, width, height),
                (int) Math.round(centreX - whole / 2.0),
                (int) Math.round(centreY - whole / 2.0),
                whole,
                whole);
    }

    /** The box in pixels of the photograph, of which the picture may be a scaled copy. */
    private static Face original(Picture picture, Face box) {
        double x =
                picture.facts().getOrDefault("photograph.width", (double) picture.width())
                        / picture.width();
        double y =
                picture.facts().getOrDefault("photograph.height", (double) picture.height())
                        / picture.height();
        return new Face(box.x() * x, box.y() * y, box.width() * x, box.height() * y, box.score());
    }

    @Override
    public void close() {
        detector.close();
    }
}
