// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.evaluate;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mien.api.Output;
import org.mien.api.data.Sample;

/**
 * All that a run says of one sample: means over the crops of its face.
 *
 * <p>May be held by anyone for ever; the arrays must not be written to.
 *
 * @param sample of what
 * @param probabilities of the classes, (K); empty for a run that names none
 * @param multiLabel how likely each of several labels holds, (L); empty where there are none
 * @param values numbers in their own ranges, (V); empty where there are none
 * @param extras by name, in the order of the method; none of the role {@link Output.Role#IMAGE}
 */
public record Answer(
        Sample sample,
        float[] probabilities,
        float[] multiLabel,
        float[] values,
        Map<String, Extra> extras) {
    /**
     * An extra of one sample.
     *
     * @param role what it is for
     * @param columns a name for each number; empty when the method gave none
     * @param values the numbers, flattened
     */
    public record Extra(Output.Role role, List<String> columns, float[] values) {}

    /** Fixes the order of the extras. */
    public Answer {
        extras = Collections.unmodifiableMap(new LinkedHashMap<>(extras));
    }

    /**
     * Extras of a role.
     *
     * @param role the role
     * @return by name, in the order of the method
     */
    public Map<String, Extra> extras(Output.Role role) {
        Map<String, Extra> some = new LinkedHashMap<>();
        extras.forEach(
                (name, extra) -> {
                    if (extra.role() == role) {
                        some.put(name, extra);
                    }
                });
        return some;
    }
}
