// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.util.Map;

/**
 * One of the networks of a file: tensors by name that stand together.
 *
 * @param path where they stand, keys with dots, for example {@code checkpoint.state_dict}; empty at
 *     the top
 * @param tensors name to tensor, in the order of the file
 */
public record Network(String path, Map<String, Tensor> tensors) {
    /** Where a beginning of its names stands in the file, without the dot at its end. */
    String place(String prefix) {
        String all = path.isEmpty() ? prefix : path + "." + prefix;
        return all.endsWith(".") ? all.substring(0, all.length() - 1) : all;
    }
}
