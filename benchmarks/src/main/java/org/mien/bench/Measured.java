// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.mien.bench.Contest.Outcome;

/**
 * A row: what was measured of one thing, on all sides.
 *
 * @param name of the row, that of the benchmark first
 * @param what in words
 * @param unit of the values
 * @param threads threads and cores; 0 when it may use all
 * @param mien the platform
 * @param python Python as it is
 * @param tuned Python as an expert runs it
 * @param base what the ratio is to, mostly Python as it is
 */
record Measured(
        String name,
        String what,
        String unit,
        int threads,
        Side mien,
        Side python,
        Side tuned,
        Side base) {

    /** Compared with Python. */
    Measured(
            String name,
            String what,
            String unit,
            int threads,
            Side mien,
            Side python,
            Side tuned) {
        this(name, what, unit, threads, mien, python, tuned, python);
    }

    /** Compared with Python, by what each side gave. */
    static Measured of(
            String name,
            String what,
            String unit,
            int threads,
            Map<Who, Outcome> outcomes,
            Function<Outcome, Side> part) {
        Function<Who, Side> side = who -> part.apply(outcomes.getOrDefault(who, Outcome.NONE));
        return new Measured(
                name,
                what,
                unit,
                threads,
                side.apply(Who.MIEN),
                side.apply(Who.PYTHON),
                side.apply(Who.TUNED));
    }

    /** Compared with nobody. */
    static Measured alone(String name, String what, String unit, Side mien) {
        return new Measured(name, what, unit, 0, mien, Side.NONE, Side.NONE);
    }

    /** Whether less is better. */
    boolean smaller() {
        return Benchmark.smaller(unit);
    }

    /** Median of the platform to that of the base; NaN where one of them is missing. */
    double ratio() {
        return mien.median() / base.median();
    }

    /** Median of the platform to that of tuned Python. */
    double tunedRatio() {
        return mien.median() / tuned.median();
    }

    Target target() {
        return Target.of(name, threads);
    }

    /** What the target bounds; NaN where it is not known. */
    double judged() {
        return target().ofRatio() ? ratio() : mien.median();
    }

    /** Why sides have no values, by their names; empty where nothing failed. */
    Map<String, String> failures() {
        Map<String, String> failures = new LinkedHashMap<>();
        failures.put("mien", mien.failure());
        failures.put("python", python.failure());
        failures.put("tuned", tuned.failure());
        failures.values().removeIf(why -> why == null);
        return failures;
    }
}
