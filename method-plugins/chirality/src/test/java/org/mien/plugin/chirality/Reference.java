// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.chirality;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.mien.plugin.chirality.Settings.Combine;
import org.mien.plugin.chirality.Settings.Norm;
import org.mien.plugin.chirality.Settings.Tokens;
import org.mien.plugin.chirality.Settings.Variant;

/** The paper's equations in plain loops of doubles, written from the paper and not from the net. */
final class Reference {
    /** Channels and places of the backbone's map, classes. */
    static final int C = 4;

    static final int PLACES = 6;

    private static final int K = 3;

    /** Class tokens, chirality tokens and scores, first index 0 original, 1 mirror image. */
    final double[][][] cls = new double[2][][];

    final double[][][] chi = new double[2][][];
    final double[][][] classes = new double[2][][];
    final double[][][] sides = new double[2][][];

    /** Of the first original: weights of the token's row of the first head, by layer. */
    final Map<String, double[]> attention = new HashMap<>();

    private final Settings s;
    private final Map<String, double[]> at;
    private final int[] labels;
    private final int n;

    Reference(Settings s, Map<String, double[]> at, double[][] image, int[] labels) {
        this.s = s;
        this.at = at;
        this.labels = labels;
        n = image.length;
        for (int v = 0; v < 2; v++) {
            cls[v] = new double[n][];
            chi[v] = new double[n][];
            classes[v] = new double[n][];
            sides[v] = new double[n][];
            for (int i = 0; i < n; i++) {
                one(v, i, v == 0 ? image[i] : mirror(image[i]));
            }
        }
    }

    /** Two pixels of a channel each, exchanged. */
    static double[] mirror(double[] row) {
        return new double[] {row[1], row[0], row[3], row[2], row[5], row[4]};
    }

    private void one(int v, int i, double[] pixels) {
        double[] flat = fc("backbone.map.1", C * PLACES, pixels);
        double[][] map = new double[C][];
        for (int c = 0; c < C; c++) {
            map[c] = Arrays.copyOfRange(flat, c * PLACES, (c + 1) * PLACES);
        }
        double[] pooled = new double[C];
        for (int c = 0; c < C; c++) {
            pooled[c] = Arrays.stream(map[c]).sum() / PLACES;
        }
        switch (s.variant()) {
            case CNN -> cls[v][i] = pooled;
            case CNN_FS -> halves(v, i, pooled, false);
            case CNN_TRANS -> cls[v][i] = encode("tokens", map);
            case CNN_TRANS_FS -> halves(v, i, encode("tokens", map), false);
            case CNN_FS_TRANS -> {
                double[][] mixed = new double[C][PLACES];
                for (int place = 0; place < PLACES; place++) {
                    double[] column = new double[C];
                    for (int c = 0; c < C; c++) {
                        column[c] = map[c][place];
                    }
                    double[] out = fc("tokens.mix", C, column);
                    for (int c = 0; c < C; c++) {
                        mixed[c][place] = out[c];
                    }
                }
                cls[v][i] = encode("tokens.emotion", Arrays.copyOfRange(mixed, 0, C / 2));
                chi[v][i] = encode("tokens.chirality", Arrays.copyOfRange(mixed, C / 2, C));
            }
            case ICME -> halves(v, i, fc("tokens.1", 256, pooled), true);
            default -> throw new IllegalStateException();
        }
        classes[v][i] = classify("expression", K, cls[v][i]);
        if (chi[v][i] != null) {
            sides[v][i] = classify("chirality", 2, chi[v][i]);
        }
    }

    private void halves(int v, int i, double[] both, boolean chiralityFirst) {
        int half = both.length / 2;
        double[] first = Arrays.copyOfRange(both, 0, half);
        double[] second = Arrays.copyOfRange(both, half, both.length);
        cls[v][i] = chiralityFirst ? second : first;
        chi[v][i] = chiralityFirst ? first : second;
    }

    private double[] classify(String path, int k, double[] token) {
        if (s.variant() == Variant.CNN || s.variant() == Variant.ICME) {
            return fc(path, k, token);
        }
        double[] hidden = fc(path + ".0", token.length, token);
        return fc(path + ".2", k, Arrays.stream(hidden).map(x -> Math.max(0, x)).toArray());
    }

    /** The token of an encoder over a map of channels by places. */
    private double[] encode(String path, double[][] map) {
        int d = s.width();
        boolean channels = s.tokens() == Tokens.CHANNEL;
        int count = channels ? map.length : PLACES;
        double[][] x = new double[1 + count][];
        x[0] = at.get(path + ".token").clone();
        for (int t = 0; t < count; t++) {
            double[] in = new double[channels ? PLACES : map.length];
            for (int j = 0; j < in.length; j++) {
                in[j] = channels ? map[t][j] : map[j][t];
            }
            x[1 + t] = fc(path + ".project", d, in);
        }
        double[] positions = at.get(path + ".positions.positions");
        for (int t = 0; t <= count; t++) {
            for (int j = 0; j < d; j++) {
                x[t][j] += positions[t * d + j];
            }
        }
        for (int layer = 0; layer < s.layers() - 1; layer++) {
            x = layer(path + ".layers." + layer, x);
        }
        x = layer(path + ".last", x);
        return s.norm() == Norm.PRE ? norm(path + ".norm", x[0]) : x[0];
    }

    private double[][] layer(String path, double[][] x) {
        boolean pre = s.norm() == Norm.PRE;
        double[][] y = new double[x.length][];
        double[][] in = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            in[t] = pre ? norm(path + ".norm1", x[t]) : x[t];
        }
        double[][] attended = attend(path + ".attn", in);
        for (int t = 0; t < x.length; t++) {
            double[] sum = add(x[t], attended[t]);
            double[] a = pre ? sum : norm(path + ".norm1", sum);
            double[] hidden =
                    fc(path + ".mlp.fc1", s.feedForward(), pre ? norm(path + ".norm2", a) : a);
            double[] out =
                    fc(
                            path + ".mlp.fc2",
                            s.width(),
                            Arrays.stream(hidden)
                                    .map(h -> h * (1 + erf(h / Math.sqrt(2))) / 2)
                                    .toArray());
            y[t] = pre ? add(a, out) : norm(path + ".norm2", add(a, out));
        }
        return y;
    }

    private double[][] attend(String path, double[][] x) {
        int d = s.width();
        int width = d / s.heads();
        double[][] qkv = new double[x.length][];
        double[][] mixed = new double[x.length][d];
        for (int t = 0; t < x.length; t++) {
            qkv[t] = fc(path + ".qkv", 3 * d, x[t]);
        }
        for (int head = 0; head < s.heads(); head++) {
            for (int t = 0; t < x.length; t++) {
                double[] weights = new double[x.length];
                double all = 0;
                for (int u = 0; u < x.length; u++) {
                    double dot = 0;
                    for (int j = 0; j < width; j++) {
                        dot += qkv[t][head * width + j] * qkv[u][d + head * width + j];
                    }
                    weights[u] = Math.exp(dot / Math.sqrt(width));
                    all += weights[u];
                }
                if (head == 0 && t == 0) {
                    double sum = all;
                    double[] row = Arrays.stream(weights).map(w -> w / sum).toArray();
                    attention.putIfAbsent(path, row);
                }
                for (int u = 0; u < x.length; u++) {
                    for (int j = 0; j < width; j++) {
                        mixed[t][head * width + j] +=
                                weights[u] / all * qkv[u][2 * d + head * width + j];
                    }
                }
            }
        }
        for (int t = 0; t < x.length; t++) {
            mixed[t] = fc(path + ".proj", d, mixed[t]);
        }
        return mixed;
    }

    private double[] norm(String path, double[] x) {
        double mean = Arrays.stream(x).average().orElseThrow();
        double variance =
                Arrays.stream(x).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
        double[] y = new double[x.length];
        for (int j = 0; j < y.length; j++) {
            y[j] =
                    (x[j] - mean) / Math.sqrt(variance + 1e-5) * at.get(path + ".weight")[j]
                            + at.get(path + ".bias")[j];
        }
        return y;
    }

    private static double[] add(double[] a, double[] b) {
        double[] y = a.clone();
        for (int j = 0; j < y.length; j++) {
            y[j] += b[j];
        }
        return y;
    }

    /** The error function by its series, which is exact enough for small x. */
    static double erf(double x) {
        double term = x;
        double sum = x;
        for (int i = 1; Math.abs(term) > 1e-18; i++) {
            term *= -x * x / i;
            sum += term / (2 * i + 1);
        }
        return 2 / Math.sqrt(Math.PI) * sum;
    }

    private double[] fc(String path, int out, double[] x) {
        double[] weight = at.get(path + ".weight");
        double[] y = at.get(path + ".bias").clone();
        for (int o = 0; o < out; o++) {
            for (int c = 0; c < x.length; c++) {
                y[o] += weight[o * x.length + c] * x[c];
            }
        }
        return y;
    }

    double crossEntropy() { // eq. 2
        double sum = 0;
        for (double[][] view : classes) {
            for (int i = 0; i < n; i++) {
                double all = 0;
                for (double logit : view[i]) {
                    all += Math.exp(logit);
                }
                sum += Math.log(all) - view[i][labels[i]];
            }
        }
        return sum / n;
    }

    static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int c = 0; c < a.length; c++) {
            sum += (a[c] - b[c]) * (a[c] - b[c]);
        }
        return Math.sqrt(sum);
    }

    double alike() { // eq. 3, its first term
        double sum = 0;
        for (int i = 0; i < n; i++) {
            if (s.variant() == Variant.ICME) {
                double d = distance(classes[0][i], classes[1][i]);
                sum += d * d / K;
            } else {
                sum += distance(cls[0][i], cls[1][i]);
            }
        }
        return sum / n;
    }

    double apart() { // eq. 3, its second term
        double sum = 0;
        for (int i = 0; i < n; i++) {
            boolean icme = s.variant() == Variant.ICME;
            double[][][] of = icme ? sides : chi;
            double hinge = Math.max(0, s.margin() - distance(of[0][i], of[1][i]));
            sum += icme ? hinge * hinge : hinge;
        }
        return sum / n;
    }

    double chirality() { // eq. 4
        double sum = 0;
        for (int v = 0; v < 2; v++) {
            for (double[] scores : sides[v]) {
                for (int j = 0; j < 2; j++) {
                    // -log of the sigmoid, or of what is missing to 1, exact far from 0 too.
                    double x = j == v ? -scores[j] : scores[j];
                    sum += (Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))) / 2;
                }
            }
        }
        return sum / n;
    }

    double loss() { // eq. 5
        double sum = crossEntropy();
        if (s.variant().separates) {
            sum += s.lambda1() * (alike() + apart()) + s.lambda2() * chirality();
        }
        return sum;
    }

    double[][] probabilities() {
        double[][] answer = new double[n][K];
        for (int i = 0; i < n; i++) {
            if (s.combine() == Combine.PROBABILITIES) {
                double[] o = softmax(classes[0][i]);
                double[] r = softmax(classes[1][i]);
                for (int k = 0; k < K; k++) {
                    answer[i][k] = (o[k] + r[k]) / 2;
                }
            } else {
                double[] sum = add(classes[0][i], classes[1][i]);
                double parts = s.variant() == Variant.ICME ? 1 : 2;
                answer[i] = softmax(Arrays.stream(sum).map(x -> x / parts).toArray());
            }
        }
        return answer;
    }

    private static double[] softmax(double[] x) {
        double all = Arrays.stream(x).map(Math::exp).sum();
        return Arrays.stream(x).map(v -> Math.exp(v) / all).toArray();
    }
}
