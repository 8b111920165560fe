// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.sweep;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.mien.api.spi.KeyException;
import org.mien.api.spi.Settings;
import org.mien.core.Figure;
import org.mien.core.MienException;
import org.mien.core.Value;
import org.mien.core.internal.data.Splits;
import org.mien.core.internal.pipeline.Figures;
import org.mien.core.internal.plugin.Keys;
import org.mien.core.internal.plugin.Words;

/**
 * What a sweep is to train.
 *
 * @param source where it comes from, for people
 * @param what it shows
 * @param paper where its figures come from
 * @param note what else there is to know
 * @param base pipeline or recipe that every cell starts from
 * @param split on which runs are evaluated
 * @param seeds each cell is trained with each
 * @param keys of every cell
 * @param cells the cells
 */
record SweepPlan(
        String source,
        String what,
        String paper,
        String note,
        String base,
        String split,
        List<Long> seeds,
        Map<String, Value> keys,
        List<Cell> cells) {
    /**
     * A cell.
     *
     * @param name its name
     * @param keys what it varies
     * @param figures the paper's
     */
    record Cell(String name, Map<String, String> keys, List<Figure> figures) {}

    /** The most runs of a sweep. */
    private static final int MOST_RUNS = 10_000;

    /** The key that every cell is trained with several values of. */
    private static final String SEED = "seed";

    private static final String ABOUT = "sweep.";
    private static final String CELL = "cell.";

    private static final Set<String> KNOWN =
            Set.of(
                    ABOUT + "what",
                    ABOUT + "paper",
                    ABOUT + "note",
                    ABOUT + "base",
                    ABOUT + "seeds",
                    ABOUT + "evaluate");

    private static final Pattern CELL_KEY =
            Pattern.compile("cell\\.([1-9]\\d{0,3})(\\.keys|\\.figure)?");

    private static final Pattern RANGE = Pattern.compile("(\\d{1,18})(?:\\.\\.(\\d{1,18}))?");

    /**
     * Reads a sweep's file.
     *
     * @param source where it comes from
     * @param values its keys
     * @throws IllegalArgumentException for the first thing that is wrong
     */
    static SweepPlan parse(String source, Map<String, String> values) {
        Map<String, Value> keys = new LinkedHashMap<>();
        TreeMap<Integer, String> names = new TreeMap<>();
        for (Map.Entry<String, String> entry : values.entrySet()) {
            String key = entry.getKey();
            if (key.startsWith(CELL)) {
                Matcher matcher = CELL_KEY.matcher(key);
                if (!matcher.matches()) {
                    throw new IllegalArgumentException(
                            "unknown key '"
                                    + key
                                    + "'; a cell is cell.N, cell.N.keys and cell.N.figure, N from"
                                    + " 1 to 9999");
                }
                if (matcher.group(2) == null) {
                    names.put(Integer.parseInt(matcher.group(1)), entry.getValue());
                } else if (!values.containsKey(CELL + matcher.group(1))) {
                    throw new IllegalArgumentException(
                            "'"
                                    + key
                                    + "' is there, but not the cell's name, "
                                    + CELL
                                    + matcher.group(1));
                }
            } else if (key.startsWith(ABOUT)) {
                if (!KNOWN.contains(key)) {
                    throw new IllegalArgumentException(
                            "unknown key '" + key + "'." + Words.hint(key, new TreeSet<>(KNOWN)));
                }
            } else {
                keys.put(key, new Value(entry.getValue(), source));
            }
        }
        String base = values.getOrDefault(ABOUT + "base", "");
        if (base.isEmpty()) {
            throw new IllegalArgumentException(
                    "it has no key '" + ABOUT + "base', the pipeline or recipe to start from");
        }
        List<Cell> cells = new ArrayList<>();
        names.forEach(
                (number, name) ->
                        cells.add(
                                new Cell(
                                        name,
                                        pairs(values.getOrDefault(CELL + number + ".keys", "")),
                                        Figures.parse(values.get(CELL + number + ".figure")))));
        return new SweepPlan(
                        source,
                        values.getOrDefault(ABOUT + "what", ""),
                        values.getOrDefault(ABOUT + "paper", ""),
                        values.getOrDefault(ABOUT + "note", ""),
                        base,
                        split(values.getOrDefault(ABOUT + "evaluate", "validation")),
                        seeds(values.getOrDefault(ABOUT + "seeds", "1")),
                        keys,
                        cells)
                .checked();
    }

    /** {@code a=1; b=2}. */
    private static Map<String, String> pairs(String text) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String pair : text.split(";")) {
            int at = pair.indexOf('=');
            if (pair.isBlank()) {
                continue;
            }
            if (at <= 0 || pair.substring(0, at).isBlank()) {
                throw new IllegalArgumentException(
                        "'" + pair.strip() + "' is no key with its value; expected a=1; b=2");
            }
            String key = pair.substring(0, at).strip();
            if (pairs.put(key, pair.substring(at + 1).strip()) != null) {
                throw new IllegalArgumentException("a cell has the key '" + key + "' twice");
            }
        }
        return pairs;
    }

    /**
     * Seeds, as {@code 1..5} or {@code 1, 2, 7}.
     *
     * @throws IllegalArgumentException for what is none
     */
    static List<Long> seeds(String text) {
        Set<Long> seeds = new LinkedHashSet<>();
        for (String one : text.split(",")) {
            Matcher matcher = RANGE.matcher(one.strip());
            long from = matcher.matches() ? Long.parseLong(matcher.group(1)) : 1;
            long to =
                    matcher.matches() && matcher.group(2) != null
                            ? Long.parseLong(matcher.group(2))
                            : from;
            if (!matcher.matches() || to < from || to - from >= MOST_RUNS) {
                throw new IllegalArgumentException(
                        "seeds '" + text + "'; expected 1..5, or 1,2,7, or one number");
            }
            LongStream.rangeClosed(from, to).forEach(seeds::add);
        }
        return List.copyOf(seeds);
    }

    private static String split(String text) {
        try {
            return Splits.word(Splits.parse(text));
        } catch (MienException e) {
            throw new IllegalArgumentException(ABOUT + "evaluate: " + e.getMessage());
        }
    }

    /**
     * The product of keys over a pipeline: {@code key=a,b} gives two cells, a key with one value
     * counts for all. Values of keys that are lists themselves are parted by semicolons.
     *
     * @param source where it comes from
     * @param typed keys as they were typed
     * @param types names of keys with the types of their values
     */
    static SweepPlan product(
            String source, String base, Map<String, String> typed, Map<String, String> types) {
        Map<String, Value> keys = new LinkedHashMap<>();
        List<Map<String, String>> cells = new ArrayList<>(List.of(Map.of()));
        for (Map.Entry<String, String> entry : typed.entrySet()) {
            String type = types.getOrDefault(entry.getKey(), "");
            boolean list = type.equals(Keys.LIST);
            String parting = list || entry.getValue().contains(";") ? ";" : ",";
            List<String> choices =
                    Stream.of(entry.getValue().split(parting, -1)).map(String::strip).toList();
            if (type.equals(Settings.NUMBER) && parting.equals(",")) {
                oneNumber(entry.getKey(), choices);
            }
            if (choices.size() == 1) {
                keys.put(entry.getKey(), new Value(entry.getValue(), source));
                continue;
            }
            if ((long) cells.size() * choices.size() > MOST_RUNS) {
                throw new IllegalArgumentException("more than " + MOST_RUNS + " runs");
            }
            List<Map<String, String>> more = new ArrayList<>();
            for (Map<String, String> cell : cells) {
                for (String choice : choices) {
                    Map<String, String> one = new LinkedHashMap<>(cell);
                    one.put(entry.getKey(), choice);
                    more.add(one);
                }
            }
            cells = more;
        }
        return new SweepPlan(
                        source,
                        "",
                        "",
                        "",
                        base,
                        "validation",
                        List.of(1L),
                        keys,
                        cells.stream()
                                .map(cell -> new Cell(name(cell, base), cell, List.of()))
                                .toList())
                .checked();
    }

    /** Refuses what may be one number with a decimal comma, and not two. */
    private static void oneNumber(String key, List<String> choices) {
        if (choices.size() == 2 && choices.stream().allMatch(one -> one.matches("[+-]?\\d+"))) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%1$s=%2$s,%3$s may be one number or two. A decimal is written with a"
                                    + " point: %1$s=%2$s.%3$s; two numbers with a semicolon:"
                                    + " '%1$s=%2$s;%3$s'",
                            key,
                            choices.get(0),
                            choices.get(1)));
        }
    }

    /**
     * Refuses values that no run can have: what cannot be read is a mistake, in whatever cell.
     *
     * @param types names of keys with the types of their values
     * @throws KeyException for the first
     */
    void readable(Map<String, String> types) {
        for (Cell cell : cells) {
            cell.keys()
                    .forEach(
                            (key, value) -> {
                                try {
                                    Settings.check(key, types.getOrDefault(key, ""), value);
                                } catch (KeyException e) {
                                    throw new IllegalArgumentException(
                                            "cell '" + cell.name() + "': " + e.getMessage());
                                }
                            });
        }
    }

    private static String name(Map<String, String> cell, String base) {
        List<String> pairs =
                cell.entrySet().stream().map(key -> key.getKey() + "=" + key.getValue()).toList();
        return pairs.isEmpty() ? base : String.join(" ", pairs);
    }

    /** The same with what is not empty instead. */
    SweepPlan with(String otherBase, String otherSeeds, String otherSplit) {
        return new SweepPlan(
                        source,
                        what,
                        paper,
                        note,
                        otherBase.isEmpty() ? base : otherBase,
                        otherSplit.isEmpty() ? split : split(otherSplit),
                        otherSeeds.isEmpty() ? seeds : seeds(otherSeeds),
                        keys,
                        cells)
                .checked();
    }

    /** The same with keys from the command line, which no cell may vary. */
    SweepPlan with(Map<String, String> typed) {
        Map<String, Value> all = new LinkedHashMap<>(keys);
        typed.forEach((key, value) -> all.put(key, new Value(value, "command line")));
        for (Cell cell : cells) {
            for (String key : cell.keys().keySet()) {
                if (typed.containsKey(key)) {
                    throw new IllegalArgumentException(
                            "key '"
                                    + key
                                    + "' is what the sweep varies (cell '"
                                    + cell.name()
                                    + "'); leave it away, or make a sweep of your own");
                }
            }
        }
        return new SweepPlan(source, what, paper, note, base, split, seeds, all, cells).checked();
    }

    private SweepPlan checked() {
        if (cells.isEmpty()) {
            throw new IllegalArgumentException("it has no cells; the first is cell.1 = NAME");
        }
        if ((long) cells.size() * seeds.size() > MOST_RUNS) {
            throw new IllegalArgumentException(
                    cells.size()
                            + " cells with "
                            + seeds.size()
                            + " seeds are more than "
                            + MOST_RUNS
                            + " runs");
        }
        Set<String> names = new LinkedHashSet<>();
        for (Cell cell : cells) {
            if (cell.name().isBlank() || !names.add(cell.name())) {
                throw new IllegalArgumentException(
                        "two cells are named '" + cell.name() + "', or one has no name");
            }
            if (cell.keys().containsKey(SEED)) {
                throw new IllegalArgumentException(
                        "a cell sets the seed; which seeds there are says sweep.seeds or --seeds");
            }
        }
        if (keys.containsKey(SEED)) {
            throw new IllegalArgumentException(
                    "it sets the seed; which seeds there are says sweep.seeds or --seeds");
        }
        return this;
    }

    /** The keys of a run, over those of the base. */
    Map<String, Value> values(Cell cell, long seed, String origin) {
        Map<String, Value> values = new LinkedHashMap<>(keys);
        cell.keys().forEach((key, value) -> values.put(key, new Value(value, origin)));
        values.put(SEED, new Value(Long.toString(seed), origin));
        return values;
    }
}
