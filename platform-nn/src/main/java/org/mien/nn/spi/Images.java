// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import org.mien.api.InputSpec;

/** From pixels to the tensor a network reads. */
public final class Images {
    private Images() {}

    /**
     * Scales pixels on the device.
     *
     * @param owner owner of the result
     * @param rgb N pictures of interleaved RGB at the input's size, free to be used again
     *     afterwards
     * @param count N
     * @param input the specification
     * @return (N, 3, H, W), on a CPU with the channels of a pixel side by side
     */
    public static NDArray tensor(NDManager owner, ByteBuffer rgb, int count, InputSpec input) {
        NDArray pixels =
                owner.create(
                        rgb, new Shape(count, input.height(), input.width(), 3), DataType.UINT8);
        // A row of pixels at once: three channels alone would be too short for the processor.
        float[] scale = new float[3 * input.width()];
        float[] shift = new float[3 * input.width()];
        for (int i = 0; i < scale.length; i++) {
            double deviation = input.deviation().get(i % 3);
            scale[i] = (float) (1 / (255 * deviation));
            shift[i] = (float) (-input.mean().get(i % 3) / deviation);
        }
        try (pixels;
                NDArray scales = owner.create(scale);
                NDArray shifts = owner.create(shift)) {
            String layout = owner.getDevice().isGpu() ? "pixels" : "pixels_channels_last";
            return Operations.call(owner, layout, pixels, scales, shifts);
        }
    }
}
