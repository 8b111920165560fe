// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.List;
import org.mien.api.InputSpec;

/** From pixels to the tensor a network reads. */
public final class Images {
    private Images() {}

    /**
     * Scales pixels on the device.
     *
     * @param owner owner of the result
     * @param rgb N pictures of interleaved RGB at the input's size, a direct buffer that does not
     *     change while the owner lives
     * @param count N
     * @param input the specification
     * @return (N, 3, H, W)
     */
    public static NDArray tensor(NDManager owner, ByteBuffer rgb, int count, InputSpec input) {
        NDArray pixels =
                owner.create(
                        rgb, new Shape(count, input.height(), input.width(), 3), DataType.UINT8);
        NDArray mean = channels(owner, input.mean());
        NDArray deviation = channels(owner, input.deviation());
        return Operations.call(owner, "pixels", pixels, mean, deviation);
    }

    private static NDArray channels(NDManager owner, List<Float> values) {
        float[] array = new float[3];
        for (int i = 0; i < 3; i++) {
            array[i] = values.get(i);
        }
        return owner.create(array, new Shape(3, 1, 1));
    }
}
