// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.evaluate;

import java.util.Map;
import java.util.Optional;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;

/**
 * What a run's method draws of a sample, see {@link Results#drawings}.
 *
 * <p>May be held by anyone for ever.
 *
 * @param sample of what
 * @param face what the network saw: the sample's picture after the steps of the pipeline
 * @param atRest the same face without an expression, where the dataset knows it
 * @param pictures by name, in the order in which the method names them
 */
public record Drawing(
        Sample sample, Picture face, Optional<Picture> atRest, Map<String, Picture> pictures) {}
