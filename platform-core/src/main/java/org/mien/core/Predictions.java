// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
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
     * How much may wait for an answer of a {@link Model}.
     *
     * @param pictures the most pictures, from 1
     * @param bytes the most bytes of pictures that are held in memory, from 1
     */
    record Room(int pictures, long bytes) {
        /** 256 pictures, 64 MiB. */
        public static final Room DEFAULT = new Room(256, 64L << 20);

        /** Checks that there is some. */
        public Room {
            if (pictures < 1 || bytes < 1) {
                throw new MienException(
                        "room for "
                                + pictures
                                + " pictures and "
                                + bytes
                                + " bytes; expected at least 1 of each");
            }
        }
    }

    /**
     * A run that stays open and answers pictures of several threads, in batches, for whoever
     * serves.
     *
     * <p>It gives way to what is new: when a plugin that it uses is taken away or replaced, a file
     * of its run changes or its alias is moved, the batch under way ends, it is opened anew, and
     * pictures that have no answer yet are asked again, as long as their time allows. While a
     * plugin is missing, pictures wait for it until their time is over.
     */
    @ProviderType
    interface Model extends AutoCloseable {
        /**
         * The run that answers now.
         *
         * @return its id
         */
        String run();

        /**
         * How often it was opened: 1, and one more each time that it gave way.
         *
         * @return the number
         */
        int opened();

        /**
         * Asks about a picture. What hangs on the answer runs on a thread of the model and is to be
         * brief.
         *
         * @param name for the answer
         * @param image an image file's bytes (JPEG, PNG, ..); not to be changed meanwhile
         * @param deadline how long an answer is of use
         * @return the answer, with its error for a bad picture. It fails with {@link
         *     java.util.concurrent.RejectedExecutionException} when there is no room, {@link
         *     java.util.concurrent.TimeoutException} after the deadline, {@link
         *     java.util.concurrent.CancellationException} when the model is closed, and {@link
         *     MienException} when it cannot be opened any more
         */
        CompletableFuture<Prediction> ask(String name, byte[] image, Duration deadline);

        /**
         * Asks about an image file, which is read when its turn comes.
         *
         * @param image the file
         * @param deadline how long an answer is of use
         * @return the answer, as of {@link #ask(String, byte[], Duration)}
         */
        CompletableFuture<Prediction> ask(Path image, Duration deadline);

        /** Ends it; pictures without an answer get none. */
        @Override
        void close();
    }

    /**
     * Opens a run, to be closed.
     *
     * @param run id of the run, or an alias
     * @param overrides keys that count for this model only
     * @param room how much may wait
     * @return the model, which is open
     * @throws MienException when it cannot be opened
     */
    Model open(String run, Map<String, String> overrides, Room room);

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
