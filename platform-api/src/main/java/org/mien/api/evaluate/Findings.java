// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.evaluate;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Where an evaluator writes; the platform prints and stores.
 *
 * <p>May be held until the call it was given to returns.
 */
@ProviderType
public interface Findings {
    /**
     * A number with its name.
     *
     * @param name for example {@code accuracy}
     * @param value the number; a share is 0 to 1
     */
    void metric(String name, double value);

    /**
     * A table.
     *
     * @param name its name
     * @param columns names of its columns
     * @param rows rows of String or Number
     */
    void table(String name, List<String> columns, List<? extends List<?>> rows);

    /**
     * A sentence for the reader.
     *
     * @param text the sentence
     */
    void note(String text);
}
