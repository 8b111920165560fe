// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An array in NumPy's NPY format (numpy.lib.format, versions 1 to 3), to be written; and the reader
 * of its header.
 *
 * @param type NumPy's name of the elements' type, for example {@code <f4}
 * @param shape its axes
 * @param size bytes of the elements
 * @param elements writes them
 */
public record Npy(String type, long[] shape, long size, Content elements) {
    /** Writes elements. */
    public interface Content {
        /**
         * Writes all of them; called more than once.
         *
         * @param out where to
         * @throws IOException when it cannot be written
         */
        void to(OutputStream out) throws IOException;
    }

    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int LONGEST_HEADER = 1 << 16;
    private static final int LONGEST_TEXT = 16 << 20;

    private static final Map<String, Type> TYPES =
            Map.ofEntries(
                    Map.entry("f8", Type.F64),
                    Map.entry("f4", Type.F32),
                    Map.entry("f2", Type.F16),
                    Map.entry("i8", Type.I64),
                    Map.entry("i4", Type.I32),
                    Map.entry("i2", Type.I16),
                    Map.entry("i1", Type.I8),
                    Map.entry("u8", Type.U64),
                    Map.entry("u4", Type.U32),
                    Map.entry("u2", Type.U16),
                    Map.entry("u1", Type.U8),
                    Map.entry("b1", Type.BOOL));

    private static final Pattern HEADER =
            Pattern.compile(
                    "\\s*\\{\\s*'descr'\\s*:\\s*'([^']{1,16})'\\s*,"
                            + "\\s*'fortran_order'\\s*:\\s*(True|False)\\s*,"
                            + "\\s*'shape'\\s*:\\s*\\(([0-9L, ]{0,2000})\\)\\s*,?\\s*\\}\\s*");

    /**
     * Floats.
     *
     * @param elements row by row
     * @param shape their axes
     * @return the array
     */
    public static Npy floats(float[] elements, long... shape) {
        return new Npy("<f4", shape, 4L * elements.length, out -> floats(out, elements));
    }

    /**
     * Whole numbers.
     *
     * @param elements row by row
     * @param shape their axes
     * @return the array
     */
    public static Npy longs(long[] elements, long... shape) {
        return new Npy(
                "<i8",
                shape,
                8L * elements.length,
                out -> {
                    ByteBuffer bytes = piece();
                    for (long element : elements) {
                        if (!bytes.hasRemaining()) {
                            flush(bytes, out);
                        }
                        bytes.putLong(element);
                    }
                    flush(bytes, out);
                });
    }

    /**
     * Text, as NumPy's {@code str} of one length.
     *
     * @param texts the texts, an axis of their number
     * @return the array
     */
    public static Npy texts(List<String> texts) {
        return texts(texts, texts.size());
    }

    /** One text, without an axis. */
    static Npy text(String text) {
        return texts(List.of(text), new long[0]);
    }

    private static Npy texts(List<String> texts, long... shape) {
        int longest = 1;
        for (String text : texts) {
            longest = Math.max(longest, text.codePointCount(0, text.length()));
        }
        int width = longest;
        return new Npy(
                "<U" + width,
                shape,
                4L * width * texts.size(),
                out -> {
                    for (String text : texts) {
                        ByteBuffer bytes =
                                ByteBuffer.allocate(4 * width).order(ByteOrder.LITTLE_ENDIAN);
                        text.codePoints().forEach(bytes::putInt);
                        out.write(bytes.array());
                    }
                });
    }

    /** Writes floats, least significant byte first. */
    static void floats(OutputStream out, float[] elements) throws IOException {
        ByteBuffer bytes = piece();
        for (int done = 0; done < elements.length; ) {
            int some = Math.min(bytes.capacity() / 4, elements.length - done);
            bytes.clear().asFloatBuffer().put(elements, done, some);
            bytes.position(4 * some);
            flush(bytes, out);
            done += some;
        }
    }

    private static ByteBuffer piece() {
        return ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void flush(ByteBuffer bytes, OutputStream out) throws IOException {
        out.write(bytes.array(), 0, bytes.position());
        bytes.clear();
    }

    /** Bytes of the whole, header and elements. */
    long bytes() {
        return header().length + size;
    }

    /**
     * Writes header and elements.
     *
     * @param out where to
     * @throws IOException when it cannot be written
     */
    public void write(OutputStream out) throws IOException {
        out.write(header());
        elements.to(out);
    }

    private byte[] header() {
        StringBuilder axes = new StringBuilder();
        for (int i = 0; i < shape.length; i++) {
            axes.append(i == 0 ? "" : " ").append(shape[i]).append(',');
        }
        if (shape.length > 1) {
            axes.setLength(axes.length() - 1);
        }
        String text =
                "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + axes + "), }";
        int padded = (10 + text.length() + 1 + 63) / 64 * 64;
        ByteBuffer header = ByteBuffer.allocate(padded).order(ByteOrder.LITTLE_ENDIAN);
        header.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) (padded - 10));
        header.put(
                (text + " ".repeat(padded - 10 - text.length() - 1) + "\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return header.array();
    }

    /** Whether bytes begin as an array. */
    static boolean fits(ByteBuffer head) {
        for (int i = 0; i < MAGIC.length; i++) {
            if (head.remaining() <= i || head.get(i) != MAGIC[i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * What the header of an array says.
     *
     * @param shown its name, for messages
     * @param type NumPy's name of the elements' type
     * @param columns whether it lies column by column
     * @param offset bytes before the elements
     */
    private record Header(String shown, String type, boolean columns, long[] shape, long offset) {
        ByteOrder order() {
            return type.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        }

        Type known() {
            return type.length() < 2 || "<>|=".indexOf(type.charAt(0)) < 0
                    ? null
                    : Npy.type(type.substring(1));
        }
    }

    private static Header header(String name, Stretch from) throws BadWeights {
        String shown = Shown.shorten(name);
        int begun = (int) Math.min(from.size(), 12);
        ByteBuffer head = from.bytes(0, begun).order(ByteOrder.LITTLE_ENDIAN);
        if (!fits(head) || begun < 12) {
            throw new BadWeights("'" + shown + "' is no NPY array");
        }
        int version = head.get(6);
        int begin = version == 1 ? 10 : 12;
        long length = version == 1 ? head.getShort(8) & 0xffff : head.getInt(8) & 0xffffffffL;
        if (version < 1 || version > 3 || length > LONGEST_HEADER || length > from.size() - begin) {
            throw new BadWeights(
                    "'"
                            + shown
                            + "' has an NPY header of version "
                            + version
                            + " and "
                            + length
                            + " bytes; expected 1 to 3, and at most "
                            + LONGEST_HEADER);
        }
        byte[] bytes = new byte[(int) length];
        from.bytes(begin, length).get(bytes);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        Matcher header = HEADER.matcher(text);
        if (!header.matches()) {
            throw new BadWeights(
                    "'"
                            + shown
                            + "' has an NPY header that is not read: "
                            + Shown.shorten(text.strip()));
        }
        long[] shape = axes(shown, header.group(3));
        boolean columns = header.group(2).equals("True");
        return new Header(shown, header.group(1), columns, shape, begin + length);
    }

    /** Elements by NumPy's name, without the order of their bytes; null for what is not read. */
    static Type type(String name) {
        return TYPES.get(name);
    }

    /** Why an array is passed over where others are read; empty when it is read. */
    static String unread(String name, Stretch from) throws BadWeights {
        Header header = header(name, from);
        return header.known() == null ? unread(header) : "";
    }

    private static String unread(Header header) {
        return "elements of type '"
                + header.type()
                + "', which are not read"
                + (header.type().endsWith("O") ? ": they are a pickle" : "");
    }

    /** Reads the header of an array. */
    static Tensor read(String name, Stretch from) throws BadWeights {
        Header header = header(name, from);
        if (header.known() == null) {
            throw new BadWeights("'" + header.shown() + "' has " + unread(header));
        }
        long[] strides = header.columns() ? columns(header.shown(), header.shape()) : null;
        Stretch elements = from.part(header.offset(), from.size() - header.offset());
        return Tensor.of(
                name, header.known(), header.shape(), strides, 0, elements, header.order());
    }

    /** Reads an array of one text. */
    static String text(String name, Stretch from) throws BadWeights {
        Header header = header(name, from);
        Matcher width = Pattern.compile("[<>]U(\\d{1,8})").matcher(header.type());
        if (header.shape().length != 0 || !width.matches()) {
            throw new BadWeights("'" + header.shown() + "' is no single text");
        }
        long bytes = 4 * Long.parseLong(width.group(1));
        if (bytes > LONGEST_TEXT) {
            throw new BadWeights(
                    "'" + header.shown() + "' has over " + LONGEST_TEXT + " bytes of text");
        }
        ByteBuffer points = from.bytes(header.offset(), bytes).order(header.order());
        StringBuilder text = new StringBuilder();
        while (points.hasRemaining()) {
            int point = points.getInt();
            if (!Character.isValidCodePoint(point)) {
                throw new BadWeights("'" + header.shown() + "' is no text");
            }
            text.appendCodePoint(point);
        }
        return text.toString().replaceFirst("\0+$", "");
    }

    private static long[] axes(String name, String text) throws BadWeights {
        String[] parts = text.replace("L", "").strip().split("\\s*,\\s*");
        if (parts.length == 1 && parts[0].isEmpty()) {
            return new long[0];
        }
        long[] shape = new long[parts.length];
        try {
            for (int i = 0; i < shape.length; i++) {
                shape[i] = Long.parseLong(parts[i]);
            }
        } catch (NumberFormatException e) {
            throw new BadWeights("'" + name + "' has the shape (" + text + ")");
        }
        return shape;
    }

    /** Strides of an array that lies column by column. */
    static long[] columns(String name, long[] shape) throws BadWeights {
        long[] strides = new long[shape.length];
        long step = 1;
        try {
            for (int i = 0; i < shape.length; i++) {
                strides[i] = step;
                step = Math.multiplyExact(step, Math.max(1, shape[i]));
            }
        } catch (ArithmeticException e) {
            throw new BadWeights("'" + name + "' has the shape " + Arrays.toString(shape));
        }
        return strides;
    }
}
