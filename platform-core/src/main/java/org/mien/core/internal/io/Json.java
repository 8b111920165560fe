// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.io;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonDeserializer;
import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.mien.api.data.Target;
import org.mien.api.data.Targets;

/** JSON as files and commands write it. */
public final class Json {
    private static final Gson LINE = builder().create();
    private static final Gson PRETTY = builder().setPrettyPrinting().create();

    private Json() {}

    private static GsonBuilder builder() {
        return new GsonBuilder()
                .disableHtmlEscaping()
                .serializeNulls()
                .registerTypeAdapter(double.class, new FiniteOrNull())
                .registerTypeAdapter(Double.class, new FiniteOrNull())
                .registerTypeAdapter(
                        Targets.class,
                        (JsonSerializer<Targets>)
                                (targets, type, context) ->
                                        context.serialize(TargetsForm.of(targets)))
                .registerTypeAdapter(
                        Targets.class,
                        (JsonDeserializer<Targets>)
                                (json, type, context) ->
                                        context.<TargetsForm>deserialize(json, TargetsForm.class)
                                                .targets())
                .registerTypeHierarchyAdapter(
                        Path.class,
                        (JsonSerializer<Path>)
                                (path, type, context) -> new JsonPrimitive(path.toString()));
    }

    private record TargetsForm(
            List<String> classes,
            boolean votes,
            List<String> multiLabel,
            List<Targets.Value> values) {
        static TargetsForm of(Targets targets) {
            return new TargetsForm(
                    targets.classes(),
                    targets.kinds().contains(Target.DISTRIBUTION),
                    targets.multiLabel(),
                    targets.values());
        }

        Targets targets() {
            Targets named = Targets.classes(classes);
            return (votes ? named.withVotes() : named)
                    .withMultiLabel(multiLabel)
                    .withValues(values.toArray(Targets.Value[]::new));
        }
    }

    /** JSON has no NaN: it is written as null, and null is read as NaN. */
    private static final class FiniteOrNull extends TypeAdapter<Double> {
        @Override
        public void write(JsonWriter out, Double value) throws IOException {
            if (value == null || !Double.isFinite(value)) {
                out.nullValue();
            } else {
                out.value(value);
            }
        }

        @Override
        public Double read(JsonReader in) throws IOException {
            if (in.peek() == JsonToken.NULL) {
                in.nextNull();
                return Double.NaN;
            }
            return in.nextDouble();
        }
    }

    public static String line(Object value) {
        return LINE.toJson(value);
    }

    public static String pretty(Object value) {
        return PRETTY.toJson(value) + "\n";
    }

    public static JsonElement tree(Object value) {
        return LINE.toJsonTree(value);
    }

    public static <T> T read(String text, Class<T> type) {
        return LINE.fromJson(text, type);
    }

    public static <T> T read(JsonElement element, Class<T> type) {
        return LINE.fromJson(element, type);
    }
}
