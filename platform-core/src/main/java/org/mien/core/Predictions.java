// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What trained runs say of pictures, as a service. Every call throws {@link MienException} for what
 * a user can put right.
 */
@ProviderType
public interface Predictions {
    /**
     * An answer for one face.
     *
     * @param box left edge, upper edge, width and height in pixels of the image as it stands
     *     upright; null when the image was taken whole
     * @param score how sure the detector was, on its own scale; null when the image was taken whole
     * @param label the likeliest class; null for a run that names none
     * @param probabilities class to probability, in the order of the classes
     * @param multiLabel label to how likely it holds, where several hold at once
     * @param values name to number, in its own range
     */
    record FaceAnswer(
            List<Double> box,
            Double score,
            String label,
            Map<String, Double> probabilities,
            Map<String, Double> multiLabel,
            Map<String, Double> values) {}

    /**
     * An answer for one image.
     *
     * @param image path or sample id
     * @param faces an answer for each face; none on error, and where the pipeline finds none
     * @param truth the true class where it is known, or null
     * @param error why there is no answer, or null
     */
    record Prediction(String image, List<FaceAnswer> faces, String truth, String error) {}

    /**
     * What a method drew of one image.
     *
     * @param image path
     * @param faces pictures of each face; none on error, and where the pipeline finds none
     * @param error why there is nothing, or null
     */
    record Drawn(String image, List<DrawnFace> faces, String error) {}

    /**
     * What a method drew of one face.
     *
     * @param pictures name to PNG, in the method's order
     * @param strip all of them side by side, as PNG
     */
    record DrawnFace(Map<String, byte[]> pictures, byte[] strip) {}

    /**
     * Predicts images. A bad image is answered with its error; the others go on. Images are read
     * ahead, some at a time; nothing of them is kept.
     *
     * @param run id of the run
     * @param overrides keys that count for this call only
     * @param images files
     * @param samples ids of samples of the run's dataset, or "first" for the first of the test
     *     split
     * @param answer told each answer, in order, images first
     * @param stop asked at each image; true ends the call without the answers that are left
     */
    void predict(
            String run,
            Map<String, String> overrides,
            List<Path> images,
            List<String> samples,
            Consumer<Prediction> answer,
            BooleanSupplier stop);

    /**
     * Draws what a run's method shows of images. A bad image is answered with its error; the others
     * go on.
     *
     * @param run id of the run
     * @param overrides keys that count for this call only
     * @param images files
     * @param answer told each answer, in order
     * @param stop asked at each image; true ends the call without the answers that are left
     * @throws MienException for a method that draws nothing
     */
    void generate(
            String run,
            Map<String, String> overrides,
            List<Path> images,
            Consumer<Drawn> answer,
            BooleanSupplier stop);
}
