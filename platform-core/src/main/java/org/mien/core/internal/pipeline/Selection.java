// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.mien.api.data.Target;
import org.mien.core.MienException;
import org.mien.core.internal.plugin.Words;

/**
 * What an epoch is chosen by.
 *
 * @param name as the key {@code select} has it
 * @param metric what it is; null for that of an evaluator
 * @param judge the evaluator whose metric it is; null for one of the platform's
 * @param of name of the evaluator's metric
 * @param highest whether a larger value is better
 * @param chosen whether somebody chose it
 */
public record Selection(
        String name,
        Metric metric,
        BoundEvaluator judge,
        String of,
        boolean highest,
        boolean chosen) {
    private static final String AUTO = "auto";

    /** Metrics of evaluators of which all know which value is better. */
    private static final Set<String> LARGER =
            Set.of(
                    "accuracy",
                    "mean-class-accuracy",
                    "macro-f1",
                    "mean-f1",
                    "mean-auc",
                    "exact-match",
                    "f1",
                    "auc",
                    "ccc",
                    "pearson",
                    "sign-agreement");

    private static final Set<String> SMALLER = Set.of("loss", "rmse", "mean-absolute-error");

    /**
     * Reads the keys.
     *
     * @param who for messages
     * @param select what to go by
     * @param mode which value is better
     * @param learned what the method learns
     * @param method the method, for messages
     * @param judges the evaluators of the pipeline
     * @throws MienException for what is no metric
     */
    static Selection of(
            String who,
            String select,
            PlatformKeys.Mode mode,
            Set<Target> learned,
            String method,
            List<BoundEvaluator> judges) {
        String name = select;
        if (name.equals(AUTO)) {
            name = (learned.contains(Target.CLASS) ? Metric.ACCURACY : Metric.LOSS).word();
        }
        boolean chosen = !select.equals(AUTO);
        Metric metric = Metric.of(name).orElse(null);
        if (metric != null) {
            if (metric.needs() != null && !learned.contains(metric.needs())) {
                throw new MienException(
                        who
                                + ": select = "
                                + name
                                + " needs "
                                + metric.needs().words()
                                + ", which "
                                + method
                                + " does not learn. Set select = loss, or a metric of an"
                                + " evaluator");
            }
            boolean highest =
                    mode == PlatformKeys.Mode.AUTO
                            ? metric.isLargerBetter()
                            : mode == PlatformKeys.Mode.MAX;
            return new Selection(name, metric, null, null, highest, chosen);
        }
        int dot = name.indexOf('.');
        for (BoundEvaluator judge : judges) {
            String id = judge.entry().id();
            if (dot > 0 && name.substring(0, dot).equals(id) && dot + 1 < name.length()) {
                String of = name.substring(dot + 1);
                return new Selection(name, null, judge, of, highest(who, name, of, mode), chosen);
            }
        }
        Set<String> known = new TreeSet<>(Metric.words());
        List<String> asked = new ArrayList<>();
        judges.forEach(judge -> asked.add(judge.entry().id() + ".METRIC"));
        known.addAll(asked);
        throw new MienException(
                who
                        + ": select = "
                        + name
                        + " is no metric."
                        + Words.nearest(name, known)
                                .map(near -> " Did you mean '" + near + "'?")
                                .orElse("")
                        + " There are "
                        + String.join(", ", Metric.words())
                        + (asked.isEmpty()
                                ? ", and those of evaluators, of which the pipeline has none"
                                        + " (evaluators = ..)"
                                : ", and those of its evaluators: " + String.join(", ", asked)));
    }

    private static boolean highest(String who, String name, String of, PlatformKeys.Mode mode) {
        if (mode != PlatformKeys.Mode.AUTO) {
            return mode == PlatformKeys.Mode.MAX;
        }
        String word =
                of.replaceAll("([a-z0-9])([A-Z])", "$1-$2")
                        .toLowerCase(Locale.ROOT)
                        .replaceFirst(" .*", "");
        if (!LARGER.contains(word) && !SMALLER.contains(word)) {
            throw new MienException(
                    who
                            + ": which value of select = "
                            + name
                            + " is better is not known. Set select.mode = max or select.mode ="
                            + " min");
        }
        return LARGER.contains(word);
    }

    /** Whether a value is better than the best so far; any number is better than none. */
    public boolean better(double value, double best) {
        return Double.isNaN(best) || (highest ? value > best : value < best);
    }
}
