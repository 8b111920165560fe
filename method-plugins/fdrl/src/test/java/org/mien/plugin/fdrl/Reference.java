// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fdrl;

import java.util.Map;
import org.mien.plugin.fdrl.Settings.IntraWeight;

/** The paper's equations in plain loops of doubles, written from the paper and not from the net. */
final class Reference {
    final double[][] y;
    final double[][] w;
    final double[][][] l;
    final double[][][] omega;
    final double[][] logits;

    private final Settings s;
    private final int[] labels;

    Reference(Settings s, Map<String, double[]> at, double[][] image, int[] labels) {
        this.s = s;
        this.labels = labels;
        int n = image.length;
        int m = s.latents();
        int d = s.width();
        y = new double[n][];
        w = new double[n][m];
        l = new double[n][m][];
        omega = new double[n][m][m];
        logits = new double[n][];
        for (int i = 0; i < n; i++) {
            double[] x = fc(at, "backbone.vector.1", 0, 5, image[i]);
            if (s.fdn()) {
                double[][] f = new double[m][];
                for (int j = 0; j < m; j++) {
                    l[i][j] = relu(fc(at, "fdn", j * d, d, x));
                    f[j] = l[i][j].clone();
                    if (s.intra()) {
                        for (double a : fc(at, "intra", j * d, d, l[i][j])) {
                            w[i][j] += 1 / (1 + Math.exp(-a));
                        }
                        w[i][j] /= s.intraWeight() == IntraWeight.MEAN ? d : 1;
                        for (int c = 0; c < d; c++) {
                            f[j][c] *= w[i][j];
                        }
                    }
                }
                y[i] = s.inter() ? inter(at, f, omega[i]) : new double[d];
                if (!s.inter()) {
                    for (double[] row : f) {
                        for (int c = 0; c < d; c++) {
                            y[i][c] += row[c];
                        }
                    }
                }
            } else {
                y[i] = x;
            }
            logits[i] = fc(at, "classifier", 0, 3, y[i]);
        }
    }

    private double[] inter(Map<String, double[]> at, double[][] f, double[][] weights) {
        int m = s.latents();
        int d = s.width();
        double[][] g = new double[m][];
        for (int j = 0; j < m; j++) {
            g[j] = relu(fc(at, "inter", j * d, d, f[j]));
        }
        double[] sum = new double[d];
        for (int j = 0; j < m; j++) {
            for (int c = 0; c < d; c++) {
                sum[c] += s.delta() * f[j][c];
            }
            for (int k = 0; k < m; k++) {
                if (k != j) {
                    weights[j][k] = Math.tanh(Math.sqrt(square(g[j], g[k], 0)));
                    for (int c = 0; c < d; c++) {
                        sum[c] += (1 - s.delta()) * weights[j][k] * g[k][c];
                    }
                }
            }
        }
        return sum;
    }

    /** Rows {@code first} to {@code first + out} of a fully-connected layer. */
    private static double[] fc(
            Map<String, double[]> at, String path, int first, int out, double[] x) {
        double[] weight = at.get(path + ".weight");
        double[] bias = at.get(path + ".bias");
        double[] y = new double[out];
        for (int o = 0; o < out; o++) {
            y[o] = bias[first + o];
            for (int c = 0; c < x.length; c++) {
                y[o] += weight[(first + o) * x.length + c] * x[c];
            }
        }
        return y;
    }

    private static double[] relu(double[] x) {
        double[] y = x.clone();
        for (int c = 0; c < y.length; c++) {
            y[c] = Math.max(0, y[c]);
        }
        return y;
    }

    private static double square(double[] a, double[] b, int first) {
        double sum = 0;
        for (int c = 0; c < a.length; c++) {
            sum += (a[c] - b[first + c]) * (a[c] - b[first + c]);
        }
        return sum;
    }

    double crossEntropy() {
        double sum = 0;
        for (int i = 0; i < logits.length; i++) {
            double all = 0;
            for (double logit : logits[i]) {
                all += Math.exp(logit);
            }
            sum += Math.log(all) - logits[i][labels[i]];
        }
        return sum / logits.length;
    }

    double compactness(double[] centres) {
        double sum = 0;
        for (double[][] latents : l) {
            for (int j = 0; j < latents.length; j++) {
                sum += square(latents[j], centres, j * s.width());
            }
        }
        return sum / l.length;
    }

    double distribution(double[] centres) {
        double sum = 0;
        for (int i = 0; i < w.length; i++) {
            sum += square(w[i], centres, labels[i] * s.latents());
        }
        return sum / w.length;
    }

    double balance() {
        double sum = 0;
        for (int j = 0; j < s.latents(); j++) {
            double mean = 0;
            for (double[] row : w) {
                mean += row[j] / w.length;
            }
            sum += Math.abs(mean - 1.0 / s.latents());
        }
        return sum;
    }
}
