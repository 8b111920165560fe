// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.evaluate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.mien.core.Evaluations;

/**
 * Groups of runs that are alike but for the seed against each other: over their seeds, by the
 * difference at each seed that both have; and over samples, by the difference of how often each was
 * answered rightly at these seeds.
 */
final class Methods {
    private static final String ACCURACY = "accuracy";

    /** From here on seeds can show something: 2 / 2^6 is below 0.05. */
    private static final int ENOUGH = 6;

    /**
     * What is asked of runs.
     *
     * @param seeds run to its seed
     * @param metrics run to its metrics
     * @param right run to whether each of its labelled samples was answered rightly, by sample and
     *     label; without those whose answers were not kept
     */
    record Known(
            Map<String, String> seeds,
            Map<String, Map<String, Double>> metrics,
            Map<String, Map<String, Boolean>> right) {}

    private final Known known;
    private final List<String> notes;

    /**
     * Tests.
     *
     * @param notes told what a reader is to know
     */
    Methods(Known known, List<String> notes) {
        this.known = known;
        this.notes = notes;
    }

    /** Every pair of groups with two seeds or more in common, a row for each metric. */
    List<Evaluations.Versus> of(List<Evaluations.Group> groups, Set<String> metrics, int most) {
        List<List<Evaluations.Versus>> families = new ArrayList<>();
        metrics.forEach(metric -> families.add(new ArrayList<>()));
        boolean few = false;
        boolean apart = false;
        int fewest = Integer.MAX_VALUE;
        for (int i = 0; i < groups.size(); i++) {
            for (int j = i + 1; j < groups.size(); j++) {
                List<String> first = groups.get(i).runs();
                List<String> second = groups.get(j).runs();
                Map<String, String[]> pairs = pairs(first, second);
                boolean several = first.size() > 1 && second.size() > 1;
                apart |= several && pairs.size() < 2;
                if (pairs.size() < 2) {
                    continue;
                }
                few |= pairs.size() < ENOUGH;
                fewest = Math.min(fewest, pairs.size());
                int at = 0;
                for (String metric : metrics) {
                    versus(first, second, metric, pairs).ifPresent(families.get(at)::add);
                    at++;
                }
            }
        }
        if (apart) {
            notes.add("No test over seeds between groups with fewer than two seeds in common.");
        }
        if (few) {
            notes.add(
                    String.format(
                            Locale.ROOT,
                            "With %d seeds in common no p over seeds is below %.4f, however large"
                                    + " the difference; %d seeds are needed for one below 0.05.",
                            fewest,
                            SignFlip.least(fewest),
                            ENOUGH));
        }
        List<Evaluations.Versus> all = new ArrayList<>();
        families.forEach(family -> all.addAll(adjusted(family)));
        if (all.size() > most) {
            notes.add("There are too many groups and metrics to test each against each.");
            return List.of();
        }
        return all;
    }

    /** Seed to a run of each; of several runs with one seed the last. */
    private Map<String, String[]> pairs(List<String> first, List<String> second) {
        Map<String, String> others = new LinkedHashMap<>();
        second.forEach(run -> others.put(known.seeds().getOrDefault(run, ""), run));
        Map<String, String[]> pairs = new TreeMap<>();
        for (String run : first) {
            String seed = known.seeds().getOrDefault(run, "");
            if (others.containsKey(seed)) {
                pairs.put(seed, new String[] {run, others.get(seed)});
            }
        }
        return pairs;
    }

    private Optional<Evaluations.Versus> versus(
            List<String> first, List<String> second, String metric, Map<String, String[]> pairs) {
        List<Double> found = new ArrayList<>();
        for (String[] pair : pairs.values()) {
            double one = known.metrics().get(pair[0]).getOrDefault(metric, Double.NaN);
            double other = known.metrics().get(pair[1]).getOrDefault(metric, Double.NaN);
            if (Double.isFinite(one - other)) {
                found.add(one - other);
            }
        }
        if (found.size() < 2) {
            return Optional.empty();
        }
        double[] differences = found.stream().mapToDouble(d -> d).toArray();
        double mean = found.stream().mapToDouble(d -> d).average().orElseThrow();
        int[] samples = metric.equals(ACCURACY) ? samples(pairs) : new int[0];
        double overSamples = samples.length == 0 ? Double.NaN : SignFlip.whole(samples);
        double overSeeds = SignFlip.p(differences);
        return Optional.of(
                new Evaluations.Versus(
                        first,
                        second,
                        metric,
                        found.size(),
                        mean,
                        overSeeds,
                        overSeeds,
                        SignFlip.least(found.size()),
                        samples.length,
                        overSamples,
                        overSamples));
    }

    /**
     * For each sample how much oftener the first answered it rightly; none where a pair did not
     * answer the same samples, or did not keep its answers.
     */
    private int[] samples(Map<String, String[]> pairs) {
        Map<String, Integer> differences = new LinkedHashMap<>();
        for (String[] pair : pairs.values()) {
            Map<String, Boolean> one = known.right().get(pair[0]);
            Map<String, Boolean> other = known.right().get(pair[1]);
            if (one == null || other == null || !one.keySet().equals(other.keySet())) {
                return new int[0];
            }
            one.forEach(
                    (sample, right) ->
                            differences.merge(
                                    sample,
                                    (right ? 1 : 0) - (other.get(sample) ? 1 : 0),
                                    Integer::sum));
        }
        return differences.values().stream().mapToInt(d -> d).toArray();
    }

    private static List<Evaluations.Versus> adjusted(List<Evaluations.Versus> family) {
        double[] seeds =
                SignFlip.holm(family.stream().mapToDouble(Evaluations.Versus::seedsP).toArray());
        double[] samples =
                SignFlip.holm(family.stream().mapToDouble(Evaluations.Versus::samplesP).toArray());
        List<Evaluations.Versus> adjusted = new ArrayList<>();
        for (int i = 0; i < family.size(); i++) {
            Evaluations.Versus one = family.get(i);
            adjusted.add(
                    new Evaluations.Versus(
                            one.first(),
                            one.second(),
                            one.metric(),
                            one.seeds(),
                            one.difference(),
                            one.seedsP(),
                            seeds[i],
                            one.leastP(),
                            one.samples(),
                            one.samplesP(),
                            samples[i]));
        }
        return adjusted;
    }
}
