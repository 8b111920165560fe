// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Results as a table and as JSON. */
final class Report {
    private static final List<String> HEAD =
            List.of(
                    "benchmark",
                    "threads",
                    "unit",
                    "mien",
                    "IQR",
                    "python",
                    "IQR",
                    "ratio",
                    "target",
                    "n");

    private Report() {}

    /** A table, what each row is, and the circumstances. */
    static String table(List<Measured> results, Map<String, String> facts) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEAD);
        for (Measured m : results) {
            boolean alone = m.peer().length == 0;
            rows.add(
                    List.of(
                            m.name(),
                            m.threads() == 0 ? "all" : Integer.toString(m.threads()),
                            m.unit(),
                            number(Measured.median(m.mien())),
                            number(Measured.spread(m.mien())),
                            alone ? "-" : number(Measured.median(m.peer())),
                            alone ? "-" : number(Measured.spread(m.peer())),
                            alone ? "-" : String.format(Locale.ROOT, "%.2f", m.ratio()),
                            target(m),
                            Integer.toString(m.mien().length)));
        }
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                int column = i;
                int width = rows.stream().mapToInt(r -> r.get(column).length()).max().orElse(0);
                String pad = " ".repeat(width - row.get(i).length());
                line.append(i == 0 || i == 2 ? row.get(i) + pad : pad + row.get(i)).append("  ");
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        text.append('\n');
        results.stream()
                .map(m -> m.name() + ": " + m.what() + '\n')
                .distinct()
                .forEach(text::append);
        text.append('\n');
        facts.forEach((key, value) -> text.append(key + ": " + value + '\n'));
        return text.toString();
    }

    private static String target(Measured m) {
        if (Double.isNaN(m.target())) {
            return "";
        }
        String met = "";
        if (!Double.isNaN(m.judged())) {
            boolean good = m.smaller() ? m.judged() <= m.target() : m.judged() >= m.target();
            met = good ? " met" : " missed";
        }
        String bound = (m.smaller() ? "<= " : ">= ") + number(m.target());
        return bound + (m.toPeer() ? "" : " " + m.unit()) + met;
    }

    private static String number(double value) {
        double size = Math.abs(value);
        int decimals = size >= 100 ? 0 : size >= 10 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    /** One object: the circumstances, and the results with every value. */
    static String json(List<Measured> results, Map<String, String> facts) {
        JsonObject all = new JsonObject();
        JsonObject circumstances = new JsonObject();
        facts.forEach(circumstances::addProperty);
        all.add("facts", circumstances);
        JsonArray list = new JsonArray();
        for (Measured m : results) {
            JsonObject one = new JsonObject();
            one.addProperty("name", m.name());
            one.addProperty("what", m.what());
            one.addProperty("unit", m.unit());
            one.addProperty("threads", m.threads());
            one.addProperty("smallerIsBetter", m.smaller());
            one.add("mien", side(m.mien()));
            one.add("python", m.peer().length == 0 ? JsonNull.INSTANCE : side(m.peer()));
            one.add("ratio", real(m.ratio()));
            one.add("target", real(m.target()));
            one.addProperty("targetOf", m.toPeer() ? "ratio" : "median");
            list.add(one);
        }
        all.add("results", list);
        return new GsonBuilder().serializeNulls().create().toJson(all);
    }

    private static JsonObject side(double[] values) {
        JsonObject side = new JsonObject();
        side.add("median", real(Measured.median(values)));
        side.add("iqr", real(Measured.spread(values)));
        side.addProperty("n", values.length);
        JsonArray each = new JsonArray();
        for (double value : values) {
            each.add(real(value));
        }
        side.add("values", each);
        return side;
    }

    private static JsonElement real(double value) {
        return Double.isFinite(value) ? new JsonPrimitive(value) : JsonNull.INSTANCE;
    }
}
