// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.data;

import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Service, property {@code mien.id}: a step from decoded image to the views a method reads. Steps
 * run in this order, whatever the order in the pipeline: ONCE, EACH_USE, VIEW, and last those that
 * the pipeline names for views ({@code rotate@left}), on each view for itself; among equals the
 * pipeline's order holds.
 *
 * <p>A picture may show several faces, and a face may be looked at in several crops. The two are
 * not alike: each face is answered by itself, while the answers to the crops of one face are
 * averaged. So a step that gives several pictures says which they are ({@link #gives}). The
 * platform keeps account of whose crop a picture is; a step sees one picture at a time and need not
 * know.
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
        /** Each time a picture is used: what varies in training (crop, flip). */
        EACH_USE,
        /** Last: cuts one named view (a half, a region) out of the face. */
        VIEW
    }

    /** What a step makes of one picture. More may come: switches need a default branch. */
    enum Gives {
        /** One picture of the same face; none, when it finds no face there. */
        ONE,
        /**
         * The faces in a picture, however many there are; none, when there is none. Prediction
         * answers each by itself. In training and evaluation a sample is one face, and one in which
         * several are found is refused. Only for steps that run ONCE, before anything else is cut.
         */
        FACES,
        /**
         * Several pictures of one face, at least one, in an order of their own: ten crops, say. In
         * evaluation and prediction all of them go through the network, and the mean of the answers
         * is that of the face. In training one of them is drawn at each use.
         */
        CROPS
    }

    /** A step at work on one thread. */
    @ConsumerType
    interface Step extends AutoCloseable {
        /**
         * The step without chance: evaluation, prediction, and everything that runs ONCE.
         *
         * @param picture decoded
         * @return as many as {@link #gives} says; never null
         */
        List<Picture> apply(Picture picture);

        /**
         * The step in training. Whatever varies draws from {@code random} alone, which is a
         * function of (run seed, epoch, sample).
         *
         * @param picture decoded
         * @param random the draws
         * @return as {@link #apply}; without an override the same. A step that gives crops may draw
         *     one itself and give that alone
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
     * What it makes of one picture. A step that gives more than it says is stopped.
     *
     * @param settings the keys
     * @return what its pictures are
     */
    default Gives gives(S settings) {
        return Gives.ONE;
    }

    /**
     * How to have one face of each picture, for a step that may give {@link Gives#FACES}: what a
     * user is told to set where a sample shows several people.
     *
     * @return {@code key=value} as in a pipeline, without the prefix: {@code faces=largest}; empty
     *     for other steps
     */
    default String oneFace() {
        return "";
    }

    /**
     * Whether what it gives may have left and right exchanged, as a flip's has in training. Methods
     * that read them apart are not trained with such a step.
     *
     * @param settings the keys
     * @return true when it may mirror with these keys
     */
    default boolean mirrors(S settings) {
        return false;
    }

    /**
     * Keys that count in training alone, since only what varies reads them: who gives one to an
     * evaluation is told that it does nothing there.
     *
     * @return names as in a pipeline, without the prefix: {@code probability}; without an override
     *     none
     */
    default Set<String> varying() {
        return Set.of();
    }

    /**
     * Whether it changes no picture with these keys, in training either, such as a flip with the
     * probability 0: who trains with it is told so.
     *
     * @param settings the keys
     * @return true when it can never act; without an override false
     */
    default boolean idle(S settings) {
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
