// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.report;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Metrics of a run, thinned to what a chart can show: neighbours are put together, with their mean,
 * least and most.
 */
public final class Curves {
    /** The most points of a curve. */
    static final int POINTS = 400;

    private static final Set<String> PLACE = Set.of("event", "epoch", "step");

    private final Map<String, Curve> steps = new LinkedHashMap<>();
    private final Map<String, Curve> epochs = new LinkedHashMap<>();
    private long stepCount;
    private long epochCount;
    private double perEpoch;

    private Curves() {}

    /**
     * Reads a file of metrics, twice: to count, and to thin.
     *
     * @param metrics {@code metrics.jsonl}; may be missing
     * @return the curves
     * @throws IOException when it cannot be read
     */
    public static Curves read(Path metrics) throws IOException {
        Curves curves = new Curves();
        if (!Files.exists(metrics)) {
            return curves;
        }
        each(metrics, curves::count);
        long[] seen = new long[2];
        each(
                metrics,
                (event, line) -> {
                    if (event.equals("step")) {
                        double x = (number(line, "step") + 1) / curves.stepsPerUnit();
                        add(curves.steps, line, x, seen[0]++, curves.stepCount);
                    } else {
                        double x = number(line, "epoch");
                        add(curves.epochs, line, x, seen[1]++, curves.epochCount);
                    }
                });
        return curves;
    }

    private static void each(Path metrics, BiConsumer<String, JsonObject> line) throws IOException {
        try (BufferedReader in = Files.newBufferedReader(metrics, StandardCharsets.UTF_8)) {
            for (String text = in.readLine(); text != null; text = in.readLine()) {
                JsonObject read;
                try {
                    read = JsonParser.parseString(text).getAsJsonObject();
                } catch (JsonParseException | IllegalStateException e) {
                    continue; // half a line, where the process was killed
                }
                JsonElement event = read.get("event");
                if (event != null && (is(event, "step") || is(event, "epoch"))) {
                    line.accept(event.getAsString(), read);
                }
            }
        }
    }

    private static boolean is(JsonElement event, String word) {
        return event.isJsonPrimitive() && event.getAsString().equals(word);
    }

    private void count(String event, JsonObject line) {
        if (event.equals("step")) {
            stepCount++;
        } else {
            epochCount++;
            perEpoch = number(line, "step") / number(line, "epoch");
        }
    }

    private static void add(
            Map<String, Curve> to, JsonObject line, double x, long index, long count) {
        int bucket = (int) (index / ((count + POINTS - 1) / POINTS));
        for (Map.Entry<String, JsonElement> entry : line.entrySet()) {
            double y = number(line, entry.getKey());
            if (!PLACE.contains(entry.getKey()) && Double.isFinite(y) && Double.isFinite(x)) {
                to.computeIfAbsent(entry.getKey(), name -> new Curve(POINTS)).add(bucket, x, y);
            }
        }
    }

    /** A number of a line; NaN for what is none. */
    private static double number(JsonObject line, String name) {
        JsonElement value = line.get(name);
        return value != null && value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber()
                ? value.getAsDouble()
                : Double.NaN;
    }

    private double stepsPerUnit() {
        return inEpochs() ? perEpoch : 1;
    }

    /** Whether x counts epochs; before the end of the first one it counts steps. */
    boolean inEpochs() {
        return perEpoch > 0;
    }

    /** Values of the steps, by name. */
    Map<String, Curve> steps() {
        return steps;
    }

    /** Means of the epochs, by name. */
    Map<String, Curve> epochs() {
        return epochs;
    }

    /** Steps done. */
    long stepCount() {
        return stepCount;
    }

    /** Epochs done. */
    long epochCount() {
        return epochCount;
    }

    /** Steps of a point. */
    static long together(long count) {
        return Math.max(1, (count + POINTS - 1) / POINTS);
    }
}
