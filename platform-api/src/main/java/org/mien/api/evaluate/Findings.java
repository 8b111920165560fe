// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.evaluate;

import java.util.List;
import java.util.Set;
import org.mien.api.data.Picture;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Where an evaluator writes; the platform prints and stores.
 *
 * <p>May be held until the call it was given to returns.
 */
@ProviderType
public interface Findings {
    /** What a number is, for those who print it. More may come: switches need a default branch. */
    enum Unit {
        /** 0 to 1, printed as percent. */
        SHARE,
        /** Printed as it is. */
        NUMBER
    }

    /**
     * A number with its name.
     *
     * @param name for example {@code accuracy}
     * @param value the number
     * @param unit what it is
     */
    void metric(String name, double value, Unit unit);

    /**
     * A share with its name.
     *
     * @param name for example {@code accuracy}
     * @param value 0 to 1
     */
    default void share(String name, double value) {
        metric(name, value, Unit.SHARE);
    }

    /**
     * A number with its name that is no share.
     *
     * @param name for example {@code ccc}
     * @param value the number
     */
    default void number(String name, double value) {
        metric(name, value, Unit.NUMBER);
    }

    /**
     * A table.
     *
     * @param name its name
     * @param columns names of its columns
     * @param rows rows of String or Number
     */
    void table(String name, List<String> columns, List<? extends List<?>> rows);

    /**
     * A matrix of numbers that is shown as colours.
     *
     * @param name its name, for example {@code confusion}
     * @param rows names of its rows
     * @param columns names of its columns
     * @param values rows x columns; NaN where there is none
     */
    void heatMap(String name, List<String> rows, List<String> columns, double[][] values);

    /**
     * A picture, such as a drawing of where a network looks. It is kept with the evaluation, and
     * shown where the pictures of the dataset may be shown.
     *
     * @param name its name
     * @param picture raw pixels
     */
    void picture(String name, Picture picture);

    /**
     * A sentence for the reader.
     *
     * @param text the sentence
     */
    void note(String text);

    /**
     * A table some of whose columns are shares.
     *
     * @param name its name
     * @param columns names of its columns
     * @param shares names of those whose numbers are shares, 0 to 1, printed as percent
     * @param rows rows of String or Number
     */
    default void table(
            String name, List<String> columns, Set<String> shares, List<? extends List<?>> rows) {
        table(name, columns, rows);
    }
}
