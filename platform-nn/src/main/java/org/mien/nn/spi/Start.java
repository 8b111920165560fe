// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import java.util.Arrays;
import org.mien.api.net.Var;

/** Start values of fresh vars. */
final class Start {
    private Start() {}

    static float[] values(Var var, long seed, String path) {
        if (var.size() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "'" + path + "' has " + var.size() + " elements; the most is 2^31 - 1");
        }
        float[] values = new float[(int) var.size()];
        Counter random = Counter.of(seed, "start", path);
        long[] shape = var.shape();
        double receptive = 1;
        for (int i = 2; i < shape.length; i++) {
            receptive *= shape[i];
        }
        double out = shape[0] * receptive;
        double in = (shape.length > 1 ? shape[1] : shape[0]) * receptive;
        switch (var.init()) {
            case ZEROS -> Arrays.fill(values, 0);
            case ONES -> Arrays.fill(values, 1);
            case FILL -> Arrays.fill(values, (float) var.fill());
            case FIXED -> System.arraycopy(var.values(), 0, values, 0, values.length);
            case KAIMING -> normal(values, random, Math.sqrt(2 / out), Double.POSITIVE_INFINITY);
            case FAN_IN -> uniform(values, random, 1 / Math.sqrt(in));
            case XAVIER -> uniform(values, random, Math.sqrt(6 / (in + out)));
            case TRUNCATED_NORMAL -> normal(values, random, 0.02, 2);
            case NORMAL -> normal(values, random, 1, Double.POSITIVE_INFINITY);
            default -> throw new IllegalStateException("no start rule " + var.init());
        }
        return values;
    }

    private static void uniform(float[] values, Counter random, double bound) {
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
        }
    }

    private static void normal(float[] values, Counter random, double deviation, double cut) {
        for (int i = 0; i < values.length; i++) {
            double draw = random.nextGaussian();
            while (Math.abs(draw) > cut) {
                draw = random.nextGaussian();
            }
            values[i] = (float) (draw * deviation);
        }
    }
}
