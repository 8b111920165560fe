// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.data;

import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Service, property {@code mien.id}: a dataset layout.
 *
 * <p>May be held by the platform while it is registered.
 *
 * @param <S> its keys, {@code dataset.*}; a public record of {@link org.mien.api.Key} components
 */
@ConsumerType
public interface Dataset<S extends Record> {
    /** An opened dataset; {@link #read} is called from several threads. */
    @ConsumerType
    interface Open extends AutoCloseable {
        /**
         * What its samples are labelled with.
         *
         * @return the kinds that {@link Dataset#offers} said, with their names
         */
        Targets targets();

        /**
         * Every sample, in the owners' order, lazily.
         *
         * @return samples; ids unique
         * @throws IOException in words, for what is unreadable or odd: file, row, value,
         *     expectation
         */
        Stream<Sample> samples() throws IOException;

        /**
         * The picture of a sample.
         *
         * @param sample one of {@link #samples}
         * @return encoded or raw
         * @throws IOException in words, when it cannot be read
         */
        Picture read(Sample sample) throws IOException;

        @Override
        void close() throws IOException;

        /**
         * The same face without an expression, all else as in {@link #read}: as a drawing knows it,
         * or a sequence that begins at rest. Points are those of the sample's picture.
         *
         * @param sample one of {@link #samples}
         * @return of the same size as the sample's picture; empty when it is not known
         * @throws IOException in words, when it cannot be read
         */
        default Optional<Picture> atRest(Sample sample) throws IOException {
            return Optional.empty();
        }

        /**
         * What whoever trains with it should know: what was left out and how much of it, which of
         * several files was read. The platform says it when a training begins and when the dataset
         * is checked, and keeps it with the run.
         *
         * @return sentences, the same at every opening; empty when there is nothing to say
         */
        default List<String> notes() {
            return List.of();
        }

        /**
         * Whether its pictures may be shown to anyone, for example in the report of a run: drawn
         * ones, not people's.
         *
         * @return true when nobody's rights stand against it
         */
        default boolean publishable() {
            return false;
        }
    }

    /**
     * Type of its keys.
     *
     * @return the record's class
     */
    Class<S> settings();

    /**
     * Opens it.
     *
     * @param settings the keys
     * @return the opened dataset
     * @throws IOException in words: what was expected where, and what was found
     */
    Open open(S settings) throws IOException;

    /**
     * The kinds of target that its samples are labelled with, known before it is opened: a pipeline
     * whose method learns something else is refused at once.
     *
     * @param settings the keys
     * @return the kinds; a class without an override, none for pictures alone
     */
    default Set<Target> offers(S settings) {
        return EnumSet.of(Target.CLASS);
    }
}
