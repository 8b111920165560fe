// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Matches arrays by their order and shapes where names do not say what they are: networks that were
 * put together anew from the parts of another ({@code features.4.0.conv1.weight} for {@code
 * layer1.0.conv1.weight}), and such as name all parts in another way. What it finds is the only way
 * in which all shapes, and the last words of all names, agree.
 */
final class InOrder {
    /** Fewer agree by chance. */
    private static final int FEWEST = 4;

    /** Arrays of a single layer and its normalisation; what has more has several of them. */
    private static final int PARTS = 8;

    private static final Pattern NUMBER = Pattern.compile("(?<=^|\\.)\\d{1,5}(?=\\.)");

    /** An array or a tensor. */
    private record One(String key, String kind, long[] shape) {
        boolean alike(One other) {
            return kind.equals(other.kind) && Arrays.equals(shape, other.shape);
        }
    }

    private InOrder() {}

    /**
     * Path to name of what is found.
     *
     * @param names of the network, in order, without counters of batches
     */
    static Optional<Map<String, String>> of(
            Collection<String> names,
            Network network,
            List<Map<String, String>> layouts,
            Map<String, long[]> shapes) {
        Map<String, String> best = Map.of();
        for (Map<String, String> layout : layouts) {
            Map<String, String> wanted = new LinkedHashMap<>(layout);
            wanted.keySet().retainAll(shapes.keySet());
            if (wanted.size() < FEWEST) {
                continue;
            }
            Map<String, String> found = numbered(names, network, wanted, shapes);
            if (found.size() < wanted.size()) {
                Map<String, String> other = sequence(names, network, wanted, shapes);
                found = other.size() > found.size() ? other : found;
            }
            best = found.size() > best.size() ? found : best;
        }
        return best.isEmpty() ? Optional.empty() : Optional.of(best);
    }

    /** Modules that are numbered in the file and named in the network, each with all it holds. */
    private static Map<String, String> numbered(
            Collection<String> names,
            Network network,
            Map<String, String> wanted,
            Map<String, long[]> shapes) {
        List<Map<String, One>> modules = new ArrayList<>();
        Map<String, Map<String, One>> byFirst = new LinkedHashMap<>();
        wanted.forEach(
                (path, name) -> {
                    int dot = name.indexOf('.');
                    String first = dot < 0 ? name : name.substring(0, dot);
                    byFirst.computeIfAbsent(first, key -> new LinkedHashMap<>())
                            .put(name.substring(dot + 1), new One(path, "", shapes.get(path)));
                });
        modules.addAll(byFirst.values());
        Map<String, Map<Integer, Map<String, One>>> byPrefix = new LinkedHashMap<>();
        for (String name : names) {
            Matcher number = NUMBER.matcher(name);
            One one = new One(name, "", network.tensors().get(name).shape());
            while (number.find()) {
                byPrefix.computeIfAbsent(name.substring(0, number.start()), key -> new TreeMap<>())
                        .computeIfAbsent(
                                Integer.valueOf(number.group()), key -> new LinkedHashMap<>())
                        .put(name.substring(number.end() + 1), one);
            }
        }
        Map<String, String> best = Map.of();
        for (Map<Integer, Map<String, One>> numbers : byPrefix.values()) {
            Map<String, String> found = aligned(modules, List.copyOf(numbers.values()));
            best = found.size() > best.size() ? found : best;
        }
        return best;
    }

    /** Each module is the next number that holds the same; the last ones may be missing. */
    private static Map<String, String> aligned(
            List<Map<String, One>> modules, List<Map<String, One>> numbers) {
        Map<String, String> found = new LinkedHashMap<>();
        int at = 0;
        for (Map<String, One> module : modules) {
            while (at < numbers.size() && !same(module, numbers.get(at))) {
                at++;
            }
            if (at == numbers.size()) {
                return found;
            }
            Map<String, One> number = numbers.get(at++);
            module.forEach(
                    (rest, one) -> {
                        if (number.containsKey(rest)) {
                            found.put(one.key(), number.get(rest).key());
                        }
                    });
        }
        return found;
    }

    /** Whether a number holds what a module does; of one with many parts half is enough. */
    private static boolean same(Map<String, One> module, Map<String, One> number) {
        boolean part = module.size() > PARTS && 2 * number.size() >= module.size();
        return (number.size() == module.size() || part)
                && number.entrySet().stream()
                        .allMatch(
                                one ->
                                        module.containsKey(one.getKey())
                                                && one.getValue().alike(module.get(one.getKey())));
    }

    /** The one run of tensors that has the shapes of the arrays, one after the other. */
    private static Map<String, String> sequence(
            Collection<String> names,
            Network network,
            Map<String, String> wanted,
            Map<String, long[]> shapes) {
        List<One> arrays = new ArrayList<>();
        wanted.forEach((path, name) -> arrays.add(new One(path, kind(name), shapes.get(path))));
        List<One> tensors = new ArrayList<>();
        for (String name : names) {
            tensors.add(new One(name, kind(name), network.tensors().get(name).shape()));
        }
        Map<Integer, Integer> runs = new HashMap<>();
        for (int first = 0; first < tensors.size(); first++) {
            int length = 0;
            while (length < arrays.size()
                    && first + length < tensors.size()
                    && arrays.get(length).alike(tensors.get(first + length))) {
                length++;
            }
            runs.put(first, length);
        }
        int longest = runs.values().stream().mapToInt(length -> length).max().orElse(0);
        List<Integer> firsts =
                runs.keySet().stream().filter(first -> runs.get(first) == longest).toList();
        Map<String, String> found = new LinkedHashMap<>();
        if (firsts.size() == 1) {
            for (int i = 0; i < longest; i++) {
                found.put(arrays.get(i).key(), tensors.get(firsts.get(0) + i).key());
            }
        }
        return found;
    }

    private static String kind(String name) {
        return name.substring(Math.max(name.lastIndexOf('.'), name.lastIndexOf('_')) + 1);
    }
}
