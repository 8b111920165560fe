// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.evaluate;

import java.util.List;
import org.mien.api.data.Picture;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A trained run that is asked about pictures, see {@link Results#judge}.
 *
 * <p>May be held until the call that its results were given to returns.
 */
@ProviderType
public interface Judge {
    /**
     * Its class names in order.
     *
     * @return K names
     */
    List<String> labels();

    /**
     * What it says of pictures, after the steps of its own pipeline.
     *
     * @param pictures N pictures
     * @return class probabilities (N, K)
     */
    float[][] probabilities(List<Picture> pictures);
}
