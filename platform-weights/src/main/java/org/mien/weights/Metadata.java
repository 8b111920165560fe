// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Text by name, as a JSON object of strings. */
final class Metadata {
    private static final int MOST = 10_000;

    private Metadata() {}

    static String write(Map<String, String> metadata) {
        StringWriter text = new StringWriter();
        try (JsonWriter json = new JsonWriter(text)) {
            json.beginObject();
            for (Map.Entry<String, String> entry : metadata.entrySet()) {
                json.name(entry.getKey()).value(entry.getValue());
            }
            json.endObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // of a writer into memory
        }
        return text.toString();
    }

    static Map<String, String> read(String text) throws BadWeights {
        try (JsonReader json = new JsonReader(new StringReader(text))) {
            Map<String, String> metadata = read(json);
            if (json.peek() != JsonToken.END_DOCUMENT) {
                throw new BadWeights("its metadata go on after their end");
            }
            return metadata;
        } catch (BadWeights e) {
            throw e;
        } catch (IOException | IllegalStateException | NumberFormatException e) {
            throw new BadWeights("its metadata are no JSON of text by name");
        }
    }

    /** Reads an object that comes next. */
    static Map<String, String> read(JsonReader json) throws IOException {
        Map<String, String> metadata = new LinkedHashMap<>();
        json.beginObject();
        while (json.hasNext()) {
            if (metadata.size() == MOST) {
                throw new BadWeights("its metadata have over " + MOST + " names");
            }
            metadata.put(json.nextName(), json.nextString());
        }
        json.endObject();
        return metadata;
    }
}
