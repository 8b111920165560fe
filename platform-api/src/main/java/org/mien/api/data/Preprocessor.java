// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.data;

import java.util.List;
import java.util.random.RandomGenerator;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Service, property {@code mien.id}: a step from decoded image to the views a method reads. Steps
 * run in this order, whatever the order in the pipeline: ONCE, EACH_EPOCH, VIEW; among equals the
 * pipeline's order holds.
 *
 * <p>May be held by the platform while it is registered.
 *
 * @param <S> its keys, {@code <id>.*}; a public record of {@link org.mien.api.Key} components
 */
@ConsumerType
public interface Preprocessor<S extends Record> {
    /** When a step runs. */
    enum When {
        /** Once a picture; the result may be cached (detect, align, resize). */
        ONCE,
        /** At each use: what varies in training (crop, flip). */
        EACH_EPOCH,
        /** Last: cuts one named view (a half, a region) out of the face. */
        VIEW
    }

    /** A step at work on one thread. */
    @ConsumerType
    interface Step extends AutoCloseable {
        /**
         * The step without chance: evaluation, prediction, and everything that runs ONCE.
         *
         * @param picture decoded
         * @return none (no face), one, or several (faces; crops whose predictions are averaged)
         */
        List<Picture> apply(Picture picture);

        /**
         * The step in training. Whatever varies draws from {@code random} alone, which is a
         * function of (run seed, epoch, sample).
         *
         * @param picture decoded
         * @param random the draws
         * @return as {@link #apply}; without an override the same
         */
        default List<Picture> vary(Picture picture, RandomGenerator random) {
            return apply(picture);
        }

        @Override
        default void close() {}
    }

    /**
     * When it runs.
     *
     * @return the moment
     */
    When when();

    /**
     * Type of its keys.
     *
     * @return the record's class
     */
    Class<S> settings();

    /**
     * Opens the step for a thread.
     *
     * @param settings the keys
     * @param view the view to cut, for {@link When#VIEW}; else "face"
     * @return the step
     */
    Step open(S settings, String view);

    /**
     * Whether what it gives in training may have left and right exchanged, as a flip's has. Methods
     * that read them apart are not trained with such a step.
     *
     * @param settings the keys
     * @return true when it may mirror with these keys
     */
    default boolean mirrors(S settings) {
        return false;
    }

    /**
     * Names of the views it cuts, for {@link When#VIEW}.
     *
     * @return names; none for other steps
     */
    default List<String> views() {
        return List.of();
    }
}
