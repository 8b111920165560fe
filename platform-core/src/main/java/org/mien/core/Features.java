// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What backbones make of pictures, as a service. Every call throws {@link MienException} for what a
 * user can put right.
 */
@ProviderType
public interface Features {
    /**
     * What features are wanted. One of tensor, images and pipeline says what of.
     *
     * @param backbone id
     * @param keys of the backbone, with or without {@code backbone.}; for images also {@code
     *     preprocess}, keys of its steps and {@code image.*}; for a pipeline any key of it
     * @param weights a file, or null: the pipeline's {@code backbone.weights} if it has this
     *     backbone, else weights as they are drawn
     * @param kind {@code map}, {@code vector} or {@code tokens}: the last feature of this kind; or
     *     empty
     * @param stage whose feature it is, or empty; the last where neither is given
     * @param taps further arrays that nets offer, such as {@code attention}
     * @param tensor a file of NumPy with (N, 3, H, W) scaled as the backbone reads it, or null
     * @param images files
     * @param pipeline name of a pipeline or recipe whose dataset is read, or empty
     * @param split {@code train}, {@code validation} or {@code test}, or empty for all
     * @param output file to write, ending in {@code .npz}
     * @param batch images at once
     */
    record Order(
            String backbone,
            Map<String, String> keys,
            Path weights,
            String kind,
            String stage,
            List<String> taps,
            Path tensor,
            List<Path> images,
            String pipeline,
            String split,
            Path output,
            int batch) {}

    /**
     * Features that were written.
     *
     * @param backbone id
     * @param stage whose feature it is
     * @param gives the feature in words
     * @param weights what was loaded, in words
     * @param items images or samples
     * @param files with the features, in order
     * @param kept files that were there already
     * @param record file that says what they are
     */
    record Written(
            String backbone,
            String stage,
            String gives,
            String weights,
            int items,
            List<Path> files,
            int kept,
            Path record) {}

    /**
     * Writes features of a backbone in inference: arrays of NumPy named {@code features} and, for a
     * dataset, {@code labels}, {@code ids}, {@code splits} and {@code classes}, for images {@code
     * paths}. What would be too large for a file goes into several. The same order goes on where it
     * was broken off.
     *
     * @param order what is wanted
     * @param progress told the items done and those there are, on another thread
     * @param stop asked at each batch; true ends it with an error
     * @return what was written
     */
    Written write(Order order, BiConsumer<Integer, Integer> progress, BooleanSupplier stop);
}
