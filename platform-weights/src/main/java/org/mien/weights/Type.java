// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.nio.ByteBuffer;
import java.util.Locale;

/** Types of elements, each read as float32. */
public enum Type {
    /** IEEE 754, 64 bits. */
    F64(8),
    /** IEEE 754, 32 bits. */
    F32(4),
    /** IEEE 754, 16 bits. */
    F16(2),
    /** The upper half of an F32. */
    BF16(2),
    /** Signed, 64 bits. */
    I64(8),
    /** Signed, 32 bits. */
    I32(4),
    /** Signed, 16 bits. */
    I16(2),
    /** Signed, 8 bits. */
    I8(1),
    /** Unsigned, 64 bits. */
    U64(8),
    /** Unsigned, 32 bits. */
    U32(4),
    /** Unsigned, 16 bits. */
    U16(2),
    /** Unsigned, 8 bits. */
    U8(1),
    /** A byte that is 0 or not. */
    BOOL(1);

    private final int bytes;

    Type(int bytes) {
        this.bytes = bytes;
    }

    /**
     * Size of an element.
     *
     * @return bytes
     */
    public int bytes() {
        return bytes;
    }

    /**
     * The type in words.
     *
     * @return for example {@code f32}
     */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Reads elements that lie one behind the other. */
    void read(ByteBuffer from, float[] into, int at, int count) {
        if (this == F32) {
            from.asFloatBuffer().get(into, at, count);
            return;
        }
        int start = from.position();
        for (int i = 0; i < count; i++) {
            into[at + i] = get(from, start + i * bytes);
        }
    }

    /** Reads one element at a position in bytes. */
    float get(ByteBuffer from, int at) {
        return switch (this) {
            case F64 -> (float) from.getDouble(at);
            case F32 -> from.getFloat(at);
            case F16 -> half(from.getShort(at));
            case BF16 -> Float.intBitsToFloat(from.getShort(at) << 16);
            case I64 -> from.getLong(at);
            case I32 -> from.getInt(at);
            case I16 -> from.getShort(at);
            case I8 -> from.get(at);
            case U64 -> unsigned(from.getLong(at));
            case U32 -> Integer.toUnsignedLong(from.getInt(at));
            case U16 -> Short.toUnsignedInt(from.getShort(at));
            case U8 -> Byte.toUnsignedInt(from.get(at));
            case BOOL -> from.get(at) == 0 ? 0 : 1;
        };
    }

    private static float unsigned(long bits) {
        return bits >= 0 ? bits : (float) (bits >>> 1 | bits & 1) * 2;
    }

    private static float half(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = bits >> 10 & 31;
        int fraction = bits & 0x3ff;
        if (exponent == 0) {
            float small = fraction * 0x1p-24f;
            return sign == 0 ? small : -small;
        }
        int wide = exponent == 31 ? 255 : exponent + 112;
        return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
    }
}
