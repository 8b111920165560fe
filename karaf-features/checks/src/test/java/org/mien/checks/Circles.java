// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.checks;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Files that need each other, each by way of the others. None of them can be read, tested or moved
 * without all of them.
 */
final class Circles {
    private final Map<String, Set<String>> arrows;
    private final Map<String, Integer> number = new HashMap<>();
    private final Map<String, Integer> lowest = new HashMap<>();
    private final Deque<String> open = new ArrayDeque<>();
    private final List<Set<String>> found = new ArrayList<>();

    private Circles(Map<String, Set<String>> arrows) {
        this.arrows = arrows;
    }

    /**
     * Finds the circles.
     *
     * @param arrows a file, and the files it needs
     * @return each with its files; none where all arrows can be drawn downwards
     */
    static List<Set<String>> of(Map<String, Set<String>> arrows) {
        Circles circles = new Circles(arrows);
        for (String file : new TreeSet<>(arrows.keySet())) {
            if (!circles.number.containsKey(file)) {
                circles.visit(file);
            }
        }
        return circles.found;
    }

    /**
     * Finds the circles of a bundle.
     *
     * @param known files without their package; a circle of none but them is passed over
     * @return a line for each, with the arrows that close it
     */
    static List<String> of(Bundle bundle, Set<String> known) {
        return of(bundle.files()).stream()
                .filter(circle -> !circle.stream().map(Circles::simple).allMatch(known::contains))
                .map(
                        circle ->
                                bundle.name()
                                        + ": "
                                        + circle.stream()
                                                .map(file -> words(bundle, file, circle))
                                                .collect(Collectors.joining("; ")))
                .toList();
    }

    private static String words(Bundle bundle, String file, Set<String> circle) {
        return simple(file)
                + " -> "
                + bundle.files().get(file).stream()
                        .filter(circle::contains)
                        .map(Circles::simple)
                        .collect(Collectors.joining(", "));
    }

    private static String simple(String file) {
        return file.substring(file.lastIndexOf('.') + 1);
    }

    /** Tarjan, Depth-first search and linear graph algorithms (1972), section 4. */
    private void visit(String file) {
        int mine = number.size();
        number.put(file, mine);
        lowest.put(file, mine);
        open.push(file);
        for (String next : arrows.getOrDefault(file, Set.of())) {
            if (!number.containsKey(next)) {
                visit(next);
                lowest.merge(file, lowest.get(next), Math::min);
            } else if (open.contains(next)) {
                lowest.merge(file, number.get(next), Math::min);
            }
        }
        if (lowest.get(file) == mine) {
            Set<String> circle = new TreeSet<>();
            String last;
            do {
                last = open.pop();
                circle.add(last);
            } while (!last.equals(file));
            if (circle.size() > 1) {
                found.add(circle);
            }
        }
    }
}
