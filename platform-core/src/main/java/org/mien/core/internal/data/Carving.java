// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.data;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.mien.api.data.Sample;
import org.mien.api.data.Sample.Split;
import org.mien.nn.spi.Counter;

/**
 * Makes a validation split of a share of the training split: of whole people where people are
 * known, so that the share is kept as near as they allow, else of the same share of each class, of
 * which one sample at least stays.
 *
 * @param share of the training split
 * @param seed of the draw
 */
record Carving(double share, long seed) {
    /** People among whom exchanges are looked for; with more the share is near enough. */
    private static final int FEW = 2_000;

    /**
     * Moves samples.
     *
     * @param samples by split; changed
     * @return what was done, in words
     */
    String carve(Map<Split, List<Sample>> samples) {
        List<Sample> training = samples.get(Split.TRAIN);
        boolean people =
                training.stream().noneMatch(s -> s.subject() == null || s.subject().isEmpty());
        Map<String, List<Sample>> groups = new LinkedHashMap<>();
        for (Sample sample : training) {
            String group = people ? sample.subject() : "class " + sample.label();
            groups.computeIfAbsent(group, key -> new ArrayList<>()).add(sample);
        }
        if (people && groups.size() < 2) {
            return training.isEmpty()
                    ? "none"
                    : "none: all training samples are of one person, and whole people are kept"
                            + " together";
        }
        Set<String> taken = new HashSet<>();
        int chosen = 0;
        if (people) {
            List<String> names = new ArrayList<>(groups.keySet());
            int[] order = Counter.of(seed, "validation").order(names.size());
            List<List<Sample>> ordered = new ArrayList<>();
            for (int i : order) {
                ordered.add(groups.get(names.get(i)));
            }
            int[] sizes = ordered.stream().mapToInt(List::size).toArray();
            boolean[] in = choose(sizes, Math.round(share * training.size()));
            for (int i = 0; i < in.length; i++) {
                if (in[i]) {
                    chosen++;
                    ordered.get(i).forEach(sample -> taken.add(sample.id()));
                }
            }
        } else {
            groups.forEach((name, members) -> ofClass(name, members, taken));
        }
        if (taken.isEmpty() || taken.size() >= training.size()) {
            return "none: " + training.size() + " training samples are too few for a share of it";
        }
        List<Sample> kept = new ArrayList<>();
        for (Sample sample : training) {
            (taken.contains(sample.id()) ? samples.get(Split.VALIDATION) : kept).add(sample);
        }
        samples.put(Split.TRAIN, kept);
        return String.format(
                Locale.ROOT,
                "carved from training: share %s, by the run's seed: %d of %d samples (%.1f %%)%s",
                share,
                taken.size(),
                training.size(),
                100.0 * taken.size() / training.size(),
                people ? ", " + chosen + " of " + groups.size() + " people" : "");
    }

    private void ofClass(String name, List<Sample> members, Set<String> taken) {
        int[] order = Counter.of(seed, "validation", name).order(members.size());
        long wanted = Math.min(Math.round(share * members.size()), members.size() - 1L);
        for (int i = 0; i < wanted; i++) {
            taken.add(members.get(order[i]).id());
        }
    }

    /**
     * Chooses groups whose sizes add up to as near to a sum as may be: in their order, then by
     * exchanging. One at least is chosen, and one at least is not.
     */
    static boolean[] choose(int[] sizes, long wanted) {
        boolean[] in = new boolean[sizes.length];
        long sum = 0;
        int chosen = 0;
        for (int i = 0; i < sizes.length && chosen < sizes.length - 1; i++) {
            if (sum < wanted && Math.abs(sum + sizes[i] - wanted) <= Math.abs(sum - wanted)) {
                in[i] = true;
                sum += sizes[i];
                chosen++;
            }
        }
        if (chosen == 0) {
            int least = 0;
            for (int i = 1; i < sizes.length; i++) {
                least = sizes[i] < sizes[least] ? i : least;
            }
            in[least] = true;
            return in;
        }
        while (sizes.length <= FEW && exchange(sizes, in, wanted)) {
            continue;
        }
        return in;
    }

    /** Exchanges one that is chosen for one that is not, if that is nearer by the most. */
    private static boolean exchange(int[] sizes, boolean[] in, long wanted) {
        long sum = 0;
        for (int i = 0; i < sizes.length; i++) {
            sum += in[i] ? sizes[i] : 0;
        }
        long best = Math.abs(sum - wanted);
        int out = -1;
        int instead = -1;
        for (int i = 0; i < sizes.length; i++) {
            for (int j = 0; in[i] && j < sizes.length; j++) {
                long other = Math.abs(sum - sizes[i] + sizes[j] - wanted);
                if (!in[j] && other < best) {
                    best = other;
                    out = i;
                    instead = j;
                }
            }
        }
        if (out < 0) {
            return false;
        }
        in[out] = false;
        in[instead] = true;
        return true;
    }
}
