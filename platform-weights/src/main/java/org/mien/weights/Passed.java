// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a reader passed over, by name, with how often; a bounded number of names. */
final class Passed {
    private static final int MOST = 1000;
    private static final int SHOWN = 20;

    /** What runs something of the system when Python loads it, by module. */
    private static final Set<String> RUNS =
            Set.of(
                    "os",
                    "posix",
                    "nt",
                    "subprocess",
                    "sys",
                    "shutil",
                    "socket",
                    "runpy",
                    "pty",
                    "importlib",
                    "webbrowser",
                    "ctypes",
                    "builtins.eval",
                    "builtins.exec",
                    "builtins.compile",
                    "builtins.__import__",
                    "builtins.open",
                    "__builtin__.eval",
                    "__builtin__.exec",
                    "__builtin__.execfile",
                    "__builtin__.compile",
                    "__builtin__.__import__",
                    "__builtin__.open");

    private final Map<String, Integer> names = new LinkedHashMap<>();
    private int others;

    /** Something was passed over. */
    void add(String name) {
        if (names.containsKey(name) || names.size() < MOST) {
            names.merge(name, 1, Integer::sum);
        } else {
            others++;
        }
    }

    /** It was understood after all. */
    void understood(String name) {
        names.remove(name);
    }

    /** Whether one of them has a part of its name. */
    boolean has(String part) {
        return names.keySet().stream().anyMatch(name -> name.contains(part));
    }

    /**
     * The names in the order of the file, those first that would harm whoever loads it in Python.
     */
    List<String> words() {
        List<String> words = new ArrayList<>();
        names.forEach(
                (name, count) -> {
                    String word = Shown.shorten(name) + (count > 1 ? " (" + count + ")" : "");
                    int dot = name.indexOf('.');
                    if (RUNS.contains(name) || dot > 0 && RUNS.contains(name.substring(0, dot))) {
                        words.add(0, word + " (which Python would run)");
                    } else {
                        words.add(word);
                    }
                });
        int more = Math.max(0, words.size() - SHOWN) + others;
        List<String> shown = new ArrayList<>(words.subList(0, Math.min(SHOWN, words.size())));
        if (more > 0) {
            shown.add(more + " more");
        }
        return Collections.unmodifiableList(shown);
    }
}
