// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.net;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import org.mien.api.Batch;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Operations that DJL's NDArray lacks, does wrong or does slowly. Gradients are finite everywhere.
 * Results belong to the pass. Which operations of NDArray itself a network may be written in is in
 * {@link Vocabulary}.
 */
@ProviderType
public interface Ops {
    /**
     * x W' + b.
     *
     * @param x (.., in)
     * @param weight (out, in)
     * @param bias (out), or null
     * @return (.., out)
     */
    NDArray linear(NDArray x, NDArray weight, NDArray bias);

    /**
     * x W' + b + plus, the end of a residual branch.
     *
     * @param x (.., in)
     * @param weight (out, in)
     * @param bias (out), or null
     * @param plus (.., out)
     * @return (.., out)
     */
    NDArray linear(NDArray x, NDArray weight, NDArray bias, NDArray plus);

    /**
     * Convolution in groups: the channels of the result are as many blocks as there are groups, and
     * each reads its block of the channels of x alone. With as many groups as channels it is
     * depthwise.
     *
     * @param x (N, C, H, W)
     * @param weight (O, C / groups, h, w)
     * @param bias (O), or null
     * @param window stride, and zeros around the map; without {@link Window#ceil}
     * @param groups divisor of C and O; 1 for a convolution that reads all channels
     * @return (N, O, H', W')
     * @throws IllegalArgumentException when channels and groups do not fit
     */
    NDArray conv2d(NDArray x, NDArray weight, NDArray bias, Window window, int groups);

    /**
     * Batch normalisation over every axis but the second. When training, the statistics of the
     * batch, and the running ones follow once the update takes effect: (1 - momentum) of what they
     * were and momentum of the batch's; else the running ones.
     *
     * @param x (N, C, ..)
     * @param weight (C)
     * @param bias (C)
     * @param mean running mean, state (C)
     * @param variance running variance, state (C)
     * @param eps added to the variance
     * @param momentum share of the batch in the running statistics, 0 to 1; PyTorch has 0.1
     * @return (N, C, ..)
     */
    NDArray batchNorm(
            NDArray x, Var weight, Var bias, Var mean, Var variance, double eps, double momentum);

    /**
     * Layer normalisation over the last axis.
     *
     * @param x (.., D)
     * @param weight (D)
     * @param bias (D)
     * @param eps added to the variance
     * @return (.., D)
     */
    NDArray layerNorm(NDArray x, NDArray weight, NDArray bias, double eps);

    /**
     * max(x, 0).
     *
     * @param x any shape
     * @return same shape
     */
    NDArray relu(NDArray x);

    /**
     * 1 / (1 + exp(-x)).
     *
     * @param x any shape
     * @return same shape
     */
    NDArray sigmoid(NDArray x);

    /**
     * max(x, 0) + slope min(x, 0), one slope a channel.
     *
     * @param x (N, C, ..)
     * @param slope (C)
     * @return same shape as x
     */
    NDArray prelu(NDArray x, NDArray slope);

    /**
     * Exact, by the error function.
     *
     * @param x any shape
     * @return same shape
     */
    NDArray gelu(NDArray x);

    /**
     * Max pooling over squares. What lies around the map never wins.
     *
     * @param x (N, C, H, W)
     * @param kernel side of the square in pixels
     * @param window stride, what lies around the map, and whether the last square may hang over
     * @return (N, C, H', W')
     */
    NDArray maxPool(NDArray x, int kernel, Window window);

    /**
     * Means over parts of the map, as many as asked for and as equal as they can be.
     *
     * @param x (N, C, H, W)
     * @param rows H', number of means from top to bottom
     * @param columns W', number of means from left to right
     * @return (N, C, H', W')
     */
    NDArray averagePool(NDArray x, int rows, int columns);

    /**
     * Mean over the map.
     *
     * @param x (N, C, H, W)
     * @return (N, C)
     */
    NDArray globalAveragePool(NDArray x);

    /**
     * Channels to space (Shi et al. 2016).
     *
     * @param x (N, C f f, H, W)
     * @param factor f
     * @return (N, C, H f, W f)
     */
    NDArray pixelShuffle(NDArray x, int factor);

    /**
     * Bilinear resize without antialiasing.
     *
     * @param x (N, C, H, W)
     * @param height pixels
     * @param width pixels
     * @param alignCorners true when the corner pixels' centres stay where they are
     * @return (N, C, height, width)
     */
    NDArray resize(NDArray x, int height, int width, boolean alignCorners);

    /**
     * Another type with the gradient kept; of a mask, 1 where it is true.
     *
     * @param x any shape, boolean too
     * @param type FLOAT32, FLOAT64, FLOAT16 or INT64
     * @return same shape
     */
    NDArray cast(NDArray x, DataType type);

    /**
     * Scaled dot-product attention, softmax(q k' / sqrt(d)) v.
     *
     * @param q (N, heads, T, d)
     * @param k (N, heads, S, d)
     * @param v (N, heads, S, d)
     * @return (N, heads, T, d)
     */
    NDArray attention(NDArray q, NDArray k, NDArray v);

    /**
     * Scaled dot-product attention of tokens to each other, head by head.
     *
     * @param qkv queries, keys and values of all heads side by side, (N, T, 3 D)
     * @param heads number of heads, a divisor of D
     * @return (N, T, D)
     */
    NDArray selfAttention(NDArray qkv, int heads);

    /**
     * Zeroes elements and scales the others by 1 / (1 - rate). Identity when not training.
     *
     * @param x any shape
     * @param rate probability of zero, 0 to below 1
     * @return same shape
     */
    NDArray dropout(NDArray x, double rate);

    /**
     * Picks tokens.
     *
     * @param x (N, T, D)
     * @param index (N, t) int64
     * @return (N, t, D)
     */
    NDArray pick(NDArray x, NDArray index);

    /**
     * Euclidean norm over the last axis; gradient 0 at 0.
     *
     * @param x (.., D)
     * @return (..)
     */
    NDArray norm(NDArray x);

    /**
     * Euclidean distances between rows; gradient 0 where two rows are equal.
     *
     * @param a (N, M, D)
     * @param b (N, L, D)
     * @return (N, M, L)
     */
    NDArray distances(NDArray a, NDArray b);

    /**
     * Cosine over the last axis; norms below 1e-8 count as 1e-8.
     *
     * @param a (.., D)
     * @param b (.., D)
     * @return (..)
     */
    NDArray cosine(NDArray a, NDArray b);

    /**
     * Cross-entropy of class scores against the batch's targets, mean over the batch.
     *
     * @param logits (N, K)
     * @param batch the batch they belong to
     * @return a scalar
     */
    NDArray crossEntropy(NDArray logits, Batch batch);

    /**
     * Binary cross-entropy of scores before the sigmoid, mean over all elements.
     *
     * @param logits any shape
     * @param targets same shape, 0 to 1; of 32 or 64 bits whatever the scores are
     * @return a scalar, of the type of the scores
     */
    NDArray binaryCrossEntropy(NDArray logits, NDArray targets);

    /**
     * Binary cross-entropy of scores before the sigmoid, mean over the elements that count.
     *
     * @param logits any shape
     * @param targets same shape, 0 to 1; of 32 or 64 bits whatever the scores are
     * @param counts same shape, how much each element counts; 0 where all are 0
     * @return a scalar, of the type of the scores
     */
    NDArray binaryCrossEntropy(NDArray logits, NDArray targets, NDArray counts);

    /**
     * Lin's concordance correlation coefficient of each column over the batch (Lin 1989), 2 cov /
     * (var + var + (difference of the means)^2), with variances over N.
     *
     * @param a (N, V)
     * @param b (N, V)
     * @param counts (N, V), how much each element counts
     * @return (V), -1 to 1; 0 for a column with nothing to correlate
     */
    NDArray concordance(NDArray a, NDArray b, NDArray counts);

    /**
     * Smooth L1 with beta 1, mean over the elements that count.
     *
     * @param a any shape
     * @param b same shape
     * @param counts same shape, how much each element counts; 0 where all are 0
     * @return a scalar
     */
    NDArray smoothL1(NDArray a, NDArray b, NDArray counts);

    /**
     * Smooth L1 with beta 1, mean over all elements.
     *
     * @param a any shape
     * @param b same shape
     * @return a scalar
     */
    NDArray smoothL1(NDArray a, NDArray b);

    /**
     * Convolution that reads all channels, with as many zeros on all sides.
     *
     * @param x (N, C, H, W)
     * @param weight (O, C, h, w)
     * @param bias (O), or null
     * @param stride pixels
     * @param padding pixels of zeros on each side
     * @return (N, O, H', W')
     */
    default NDArray conv2d(NDArray x, NDArray weight, NDArray bias, int stride, int padding) {
        return conv2d(x, weight, bias, Window.by(stride).pad(padding), 1);
    }

    /**
     * Max pooling over squares, with as much on all sides.
     *
     * @param x (N, C, H, W)
     * @param kernel side of the square in pixels
     * @param stride pixels
     * @param padding pixels on each side
     * @return (N, C, H', W')
     */
    default NDArray maxPool(NDArray x, int kernel, int stride, int padding) {
        return maxPool(x, kernel, Window.by(stride).pad(padding));
    }

    /**
     * Mean over several axes, which {@code NDArray.mean} refuses.
     *
     * @param x any shape
     * @param axes counted from 0, or from -1 backwards
     * @return x without these axes
     */
    default NDArray mean(NDArray x, int... axes) {
        long count = 1;
        for (int axis : axes) {
            count *= x.getShape().get(Math.floorMod(axis, x.getShape().dimension()));
        }
        return x.sum(axes).div((float) count);
    }
}
