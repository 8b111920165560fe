// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.hsaw;

import java.util.Map;

/** The paper's equations in plain loops of doubles, written from the paper and not from the net. */
final class Reference {
    private static final int K = 3;

    final double[][] v;
    final double[][] w;
    final double[][] all;
    final double[][] aux;
    final double[][] p;

    private final Settings s;
    private final Map<String, double[]> at;
    private final int[] labels;
    private final int n;

    Reference(Settings s, Map<String, double[]> at, Map<String, double[][]> image, int[] labels) {
        this.s = s;
        this.at = at;
        this.labels = labels;
        n = labels.length;
        v = new double[n][];
        w = new double[n][];
        all = new double[n][];
        aux = new double[n][K];
        p = new double[n][];
        for (int i = 0; i < n; i++) {
            v[i] = extract(image.get("face")[i], "backbone", "backbone", "all-vector");
            all[i] = times("classifier", K, v[i]);
            p[i] = all[i].clone();
            if (s.attention()) {
                w[i] = new double[2];
                for (int half = 0; half < 2; half++) {
                    double[] vi = half(image.get(half == 0 ? "left" : "right")[i], half);
                    w[i][half] = 1 / (1 + Math.exp(-times("attention", 1, vi)[0])); // eq. 2
                    double[] pi = times("classifier", K, vi); // eq. 4
                    for (int k = 0; k < K; k++) {
                        aux[i][k] += w[i][half] * pi[k]; // eq. 5
                        p[i][k] += w[i][half] * pi[k]; // eq. 6
                    }
                }
            }
        }
    }

    private double[] half(double[] pixels, int half) {
        String side = half == 0 ? "left" : "right";
        return switch (s.extractors()) {
            case SHARED -> extract(pixels, "backbone", "backbone", "all-vector");
            case HALVES -> extract(pixels, "half-extractor", "half-extractor", "half-vector");
            case TAIL -> extract(pixels, "backbone", side + "-extractor", side + "-vector");
            case SEPARATE ->
                    extract(pixels, side + "-extractor", side + "-extractor", side + "-vector");
        };
    }

    /** Stem, body, sub-pixel convolution by 8, and a 16 x 16 convolution of stride 4. */
    double[] extract(double[] pixels, String stem, String body, String vector) {
        double[] low = times(stem + ".stem.1", 128, pixels);
        for (int o = 0; o < 128; o++) {
            low[o] += at.get(stem + ".stem.1.bias")[o];
        }
        double[] weight = at.get(body + ".body.1.weight");
        double[][] map = new double[64][16];
        for (int c = 0; c < 64; c++) {
            for (int place = 0; place < 16; place++) {
                map[c][place] = at.get(body + ".body.1.bias")[c];
                for (int in = 0; in < 8; in++) {
                    map[c][place] += weight[c * 8 + in] * low[in * 16 + place];
                }
            }
        }
        double[][] large = new double[32][32];
        for (int y = 0; y < 32; y++) {
            for (int x = 0; x < 32; x++) {
                large[y][x] = map[y % 8 * 8 + x % 8][y / 8 * 4 + x / 8];
            }
        }
        double[] kernel = at.get(vector + ".convolution.weight");
        double[] out = new double[25];
        for (int o = 0; o < 25; o++) {
            out[o] = at.get(vector + ".convolution.bias")[0];
            for (int y = 0; y < 16; y++) {
                for (int x = 0; x < 16; x++) {
                    out[o] += kernel[y * 16 + x] * large[o / 5 * 4 + y][o % 5 * 4 + x];
                }
            }
        }
        return out;
    }

    private double[] times(String path, int out, double[] x) {
        double[] weight = at.get(path + ".weight");
        double[] y = new double[out];
        for (int o = 0; o < out; o++) {
            for (int c = 0; c < x.length; c++) {
                y[o] += weight[o * x.length + c] * x[c];
            }
        }
        return y;
    }

    private static double smooth(double difference) {
        double d = Math.abs(difference);
        return d < 1 ? d * d / 2 : d - 0.5;
    }

    double halfWeights() { // eq. 3
        double sum = 0;
        for (double[] two : w) {
            sum += smooth(two[0] + two[1] - 1);
        }
        return sum / n;
    }

    double featureBalance() { // eq. 7
        double sum = 0;
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < K; k++) {
                sum += smooth(all[i][k] - aux[i][k]);
            }
        }
        return sum / (n * K);
    }

    double crossEntropy() { // eq. 8, on the softmax
        double sum = 0;
        for (int i = 0; i < n; i++) {
            double exp = 0;
            for (double score : p[i]) {
                exp += Math.exp(score);
            }
            sum += Math.log(exp) - p[i][labels[i]];
        }
        return sum / n;
    }

    double loss() { // eq. 9
        double sum = s.gamma() * crossEntropy();
        if (s.attention()) {
            sum += s.alpha() * halfWeights() + s.beta() * featureBalance();
        }
        return sum;
    }

    static int best(double[] scores) {
        int best = 0;
        for (int k = 1; k < K; k++) {
            best = scores[k] > scores[best] ? k : best;
        }
        return best;
    }
}
