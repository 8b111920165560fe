// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Files of weights, as a service. Every call throws {@link MienException} for what a user can put
 * right.
 */
@ProviderType
public interface WeightFiles {
    /**
     * A tensor of a file.
     *
     * @param name its name
     * @param type of its elements in the file
     * @param shape its axes
     */
    record TensorInfo(String name, String type, List<Long> shape) {}

    /**
     * One of the networks of a file.
     *
     * @param path keys around it, or empty; after {@code #} it chooses the network
     * @param tensors how many it has
     */
    record NetworkInfo(String path, int tensors) {}

    /**
     * How a backbone, with its default keys, fits a file.
     *
     * @param backbone its id
     * @param fitting arrays of it that are in the file with their shape
     * @param arrays all of it
     * @param prefix where the network is and what its names begin with
     * @param otherwise the first array that has another shape there, or empty
     * @param notes what else is to be known: which of several networks it is, or that names differ
     */
    record Fit(
            String backbone,
            int fitting,
            int arrays,
            String prefix,
            String otherwise,
            List<String> notes) {}

    /**
     * What a file of weights holds.
     *
     * @param file the file
     * @param format what it is
     * @param wrapper keys around its state dict, or empty
     * @param sha256 of its bytes
     * @param bytes of the file
     * @param metadata text beside the tensors
     * @param tensors in the order of the file, of the network that is usually meant
     * @param networks all of the file
     * @param passed what it holds beside tensors and was passed over as data, in words
     * @param fits backbones that find arrays in it, the best first
     */
    record Contents(
            Path file,
            String format,
            String wrapper,
            String sha256,
            long bytes,
            Map<String, String> metadata,
            List<TensorInfo> tensors,
            List<NetworkInfo> networks,
            List<String> passed,
            List<Fit> fits) {}

    /**
     * Looks into a file of weights; nothing of it is run.
     *
     * @param file safetensors, npz, npy, what PyTorch saves, or a folder with such; {@code
     *     FILE#PREFIX} looks at one of several networks
     * @return what it holds
     */
    Contents read(Path file);
}
