// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The safetensors format: eight bytes of header length, a JSON header, the elements without gaps.
 * The same arrays give the same bytes.
 */
public final class Safetensors {
    private static final int LONGEST_HEADER = 16 << 20;
    private static final int MOST_TENSORS = 50_000;
    private static final int MOST_AXES = 64;
    private static final Pattern WHOLE = Pattern.compile("-?\\d{1,18}");

    private static final Map<String, Type> TYPES =
            Map.ofEntries(
                    Map.entry("F64", Type.F64),
                    Map.entry("F32", Type.F32),
                    Map.entry("F16", Type.F16),
                    Map.entry("BF16", Type.BF16),
                    Map.entry("I64", Type.I64),
                    Map.entry("I32", Type.I32),
                    Map.entry("I16", Type.I16),
                    Map.entry("I8", Type.I8),
                    Map.entry("U64", Type.U64),
                    Map.entry("U32", Type.U32),
                    Map.entry("U16", Type.U16),
                    Map.entry("U8", Type.U8),
                    Map.entry("BOOL", Type.BOOL));

    /** Gives the elements of an array, row by row. */
    public interface Elements {
        /**
         * All of them; called when they are written.
         *
         * @return as many as the shape says
         */
        float[] get();
    }

    /**
     * An array to be written.
     *
     * @param shape its axes
     * @param source asked once, so that no more than one array is in memory at once
     */
    public record Values(long[] shape, Elements source) {
        /**
         * Elements in memory.
         *
         * @param shape their axes
         * @param elements row by row
         */
        public Values(long[] shape, float[] elements) {
            this(shape, () -> elements);
        }

        /**
         * Its elements.
         *
         * @return row by row
         */
        public float[] elements() {
            return source.get();
        }

        long count() {
            return Arrays.stream(shape).reduce(1, Math::multiplyExact);
        }
    }

    private record Described(String name, Type type, long[] shape, long from, long to) {}

    private Safetensors() {}

    /** Whether a file may be one: a length that fits, and a brace. */
    static boolean fits(ByteBuffer head) {
        return head.remaining() >= 9 && head.get(8) == '{';
    }

    static Content read(Stretch file) throws BadWeights {
        long fileSize = file.size();
        Map<String, String> metadata = new LinkedHashMap<>();
        long length = file.bytes(0, 8).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (length < 2 || length > LONGEST_HEADER || length > fileSize - 8) {
            throw new BadWeights(
                    "its header claims "
                            + Long.toUnsignedString(length)
                            + " bytes; the most is "
                            + LONGEST_HEADER
                            + ", and the file has "
                            + fileSize);
        }
        byte[] header = new byte[(int) length];
        file.bytes(8, length).get(header);
        List<Described> all;
        try (JsonReader json =
                new JsonReader(
                        new InputStreamReader(
                                new ByteArrayInputStream(header), StandardCharsets.UTF_8))) {
            all = header(json, metadata);
        } catch (BadWeights e) {
            throw e;
        } catch (IOException | IllegalStateException | NumberFormatException e) {
            throw new BadWeights("its header is no JSON of tensors");
        }
        Stretch data = file.part(8 + length, fileSize - 8 - length);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Described one : all) {
            String name = Shown.shorten(one.name());
            if (one.from() < 0 || one.to() < one.from() || one.to() > data.size()) {
                throw new BadWeights(
                        "'"
                                + name
                                + "' lies at "
                                + one.from()
                                + " to "
                                + one.to()
                                + " of "
                                + data.size()
                                + " bytes; the file was cut, or is broken");
            }
            Stretch bytes = data.part(one.from(), one.to() - one.from());
            Tensor tensor =
                    Tensor.of(
                            name, one.type(), one.shape(), null, 0, bytes, ByteOrder.LITTLE_ENDIAN);
            if (tensor.elements() != bytes.size() / one.type().bytes()
                    || bytes.size() % one.type().bytes() != 0) {
                throw new BadWeights(
                        tensor + " of " + one.type().word() + " has " + bytes.size() + " bytes");
            }
            if (tensors.put(one.name(), tensor) != null) {
                throw new BadWeights("two tensors are named '" + name + "'");
            }
        }
        withoutGaps(all, data.size());
        return Content.of("safetensors", tensors, metadata);
    }

    private static void withoutGaps(List<Described> all, long size) throws BadWeights {
        List<Described> sorted = new ArrayList<>(all);
        sorted.sort(Comparator.comparingLong(Described::from).thenComparingLong(Described::to));
        long at = 0;
        for (Described one : sorted) {
            if (one.from() != at) {
                throw new BadWeights(
                        "'"
                                + Shown.shorten(one.name())
                                + "' begins at "
                                + one.from()
                                + " where "
                                + at
                                + " is due: tensors overlap or leave a gap");
            }
            at = one.to();
        }
        if (at != size) {
            throw new BadWeights("its tensors end at " + at + " of " + size + " bytes");
        }
    }

    private static List<Described> header(JsonReader json, Map<String, String> metadata)
            throws IOException {
        List<Described> all = new ArrayList<>();
        json.beginObject();
        while (json.hasNext()) {
            String name = json.nextName();
            if (name.equals("__metadata__")) {
                metadata.putAll(Metadata.read(json));
                continue;
            }
            if (all.size() == MOST_TENSORS) {
                throw new BadWeights("it holds over " + MOST_TENSORS + " tensors");
            }
            all.add(described(name, json));
        }
        json.endObject();
        if (json.peek() != JsonToken.END_DOCUMENT) {
            throw new BadWeights("its header goes on after its end");
        }
        return all;
    }

    private static Described described(String name, JsonReader json) throws IOException {
        String type = null;
        long[] shape = null;
        long[] offsets = null;
        json.beginObject();
        while (json.hasNext()) {
            switch (json.nextName()) {
                case "dtype" -> type = json.nextString();
                case "shape" -> shape = numbers(name, json);
                case "data_offsets" -> offsets = numbers(name, json);
                default ->
                        throw new BadWeights(
                                "'" + Shown.shorten(name) + "' has a key that tensors do not have");
            }
        }
        json.endObject();
        if (type == null || shape == null || offsets == null || offsets.length != 2) {
            throw new BadWeights(
                    "'" + Shown.shorten(name) + "' lacks a dtype, a shape or two data_offsets");
        }
        Type known = TYPES.get(type);
        if (known == null) {
            throw new BadWeights(
                    "'"
                            + Shown.shorten(name)
                            + "' has the type '"
                            + Shown.shorten(type)
                            + "', which is not read");
        }
        return new Described(name, known, shape, offsets[0], offsets[1]);
    }

    private static long[] numbers(String name, JsonReader json) throws IOException {
        long[] numbers = new long[4];
        int count = 0;
        json.beginArray();
        while (json.hasNext()) {
            if (count == MOST_AXES) {
                throw new BadWeights(
                        "'" + Shown.shorten(name) + "' has over " + MOST_AXES + " axes");
            }
            if (count == numbers.length) {
                numbers = Arrays.copyOf(numbers, 2 * count);
            }
            if (json.peek() != JsonToken.NUMBER) {
                throw new BadWeights(
                        "'" + Shown.shorten(name) + "' has an axis or offset that is no number");
            }
            String text = json.nextString();
            if (!WHOLE.matcher(text).matches()) {
                throw new BadWeights(
                        "'"
                                + Shown.shorten(name)
                                + "' has the axis or offset "
                                + Shown.shorten(text)
                                + "; expected a whole number below 10^18");
            }
            numbers[count++] = Long.parseLong(text);
        }
        json.endArray();
        return Arrays.copyOf(numbers, count);
    }

    /**
     * Writes float32 arrays.
     *
     * @param out where to
     * @param arrays name to array
     * @param metadata text by name
     * @throws IOException when it cannot be written
     */
    public static void write(
            OutputStream out, Map<String, Values> arrays, Map<String, String> metadata)
            throws IOException {
        StringWriter text = new StringWriter();
        try (JsonWriter json = new JsonWriter(text)) {
            json.beginObject().name("__metadata__").beginObject();
            for (Map.Entry<String, String> entry : metadata.entrySet()) {
                json.name(entry.getKey()).value(entry.getValue());
            }
            json.endObject();
            long at = 0;
            for (Map.Entry<String, Values> entry : arrays.entrySet()) {
                long bytes = Math.multiplyExact(4L, entry.getValue().count());
                json.name(entry.getKey()).beginObject().name("dtype").value("F32");
                json.name("shape").beginArray();
                for (long axis : entry.getValue().shape()) {
                    json.value(axis);
                }
                json.endArray().name("data_offsets").beginArray();
                json.value(at).value(at + bytes).endArray().endObject();
                at += bytes;
            }
            json.endObject();
        }
        byte[] header = text.toString().getBytes(StandardCharsets.UTF_8);
        int padded = (header.length + 7) / 8 * 8;
        ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        out.write(length.putLong(padded).array());
        out.write(header);
        out.write(" ".repeat(padded - header.length).getBytes(StandardCharsets.US_ASCII));
        for (Values values : arrays.values()) {
            float[] elements = values.elements();
            if (elements.length != values.count()) {
                throw new IllegalStateException(
                        elements.length
                                + " elements for the shape "
                                + Arrays.toString(values.shape()));
            }
            Npy.floats(out, elements);
        }
    }
}
