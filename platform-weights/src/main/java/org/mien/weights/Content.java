// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.util.List;
import java.util.Map;

/**
 * What a reader found.
 *
 * @param format in words
 * @param networks one at least
 * @param metadata text beside them
 * @param passed what was passed over, in words
 */
record Content(
        String format, List<Network> networks, Map<String, String> metadata, List<String> passed) {
    static Content of(String format, Map<String, Tensor> tensors, Map<String, String> metadata) {
        return new Content(format, List.of(new Network("", tensors)), metadata, List.of());
    }
}
