// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.PrintStream;
import java.util.Map;

/** JSON, an object a line: the circumstances, each row with every value, all circumstances. */
final class JsonLines implements Report {
    private static final Gson GSON = new GsonBuilder().serializeNulls().create();

    private final PrintStream out;

    JsonLines(PrintStream out) {
        this.out = out;
    }

    @Override
    public void begin(Map<String, String> facts) {
        end(facts);
    }

    @Override
    public void row(Measured row) {
        JsonObject one = new JsonObject();
        one.addProperty("name", row.name());
        one.addProperty("what", row.what());
        one.addProperty("unit", row.unit());
        one.addProperty("threads", row.threads());
        one.addProperty("smallerIsBetter", row.smaller());
        one.add("mien", side(row.mien()));
        one.add("python", side(row.python()));
        one.add("ratio", real(row.ratio()));
        one.add("tuned", side(row.tuned()));
        one.add("tunedRatio", real(row.tunedRatio()));
        one.add("target", real(row.target().bound()));
        one.addProperty("targetOf", row.target().ofRatio() ? "ratio" : "median");
        one.add("failed", row.failures().isEmpty() ? JsonNull.INSTANCE : texts(row.failures()));
        line(one);
    }

    @Override
    public void end(Map<String, String> facts) {
        JsonObject circumstances = new JsonObject();
        circumstances.add("facts", texts(facts));
        line(circumstances);
    }

    private void line(JsonObject object) {
        out.println(GSON.toJson(object));
        out.flush();
    }

    private static JsonObject texts(Map<String, String> texts) {
        JsonObject object = new JsonObject();
        texts.forEach(object::addProperty);
        return object;
    }

    private static JsonElement side(Side side) {
        if (side.values().length == 0) {
            return JsonNull.INSTANCE;
        }
        JsonObject object = new JsonObject();
        object.add("median", real(side.median()));
        object.add("iqr", real(side.spread()));
        object.addProperty("n", side.values().length);
        JsonArray each = new JsonArray();
        for (double value : side.values()) {
            each.add(real(value));
        }
        object.add("values", each);
        return object;
    }

    private static JsonElement real(double value) {
        return Double.isFinite(value) ? new JsonPrimitive(value) : JsonNull.INSTANCE;
    }
}
