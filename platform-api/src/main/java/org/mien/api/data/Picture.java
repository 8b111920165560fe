// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.data;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Pixels and what is known about them, or the bytes of a file that the platform has yet to decode.
 * Geometric steps move the points with the pixels.
 *
 * <p>May be held by anyone for ever.
 *
 * @param width pixels; 0 for an encoded file
 * @param height pixels; 0 for an encoded file
 * @param bytes interleaved RGB, row by row, width * height * 3 bytes; or the file
 * @param points landmarks as (x, y) in pixels, for a face: eyes (left of the image first), nose
 *     tip, mouth corners; empty when not known
 * @param facts numbers by name, which every step hands on; {@link #with(Face)} keeps a face there
 */
public record Picture(
        int width, int height, ByteBuffer bytes, List<float[]> points, Map<String, Double> facts) {
    /** Checks sizes; the bytes are not copied and must not change any more. */
    public Picture {
        if (width < 0 || height < 0 || (width == 0) != (height == 0)) {
            throw new IllegalArgumentException("a picture cannot be " + width + " x " + height);
        }
        if (width > 0 && bytes.remaining() != 3L * width * height) {
            throw new IllegalArgumentException(
                    "a picture of "
                            + width
                            + " x "
                            + height
                            + " needs "
                            + 3L * width * height
                            + " bytes of RGB; got "
                            + bytes.remaining());
        }
        bytes = bytes.slice().asReadOnlyBuffer();
        points = List.copyOf(points);
        facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    }

    /**
     * The pixels or the file.
     *
     * @return a read-only view with a position of its own
     */
    @Override
    public ByteBuffer bytes() {
        return bytes.duplicate();
    }

    /**
     * A file's bytes; the platform decodes within its limits.
     *
     * @param file JPEG, PNG, WebP, BMP, TIFF or GIF
     * @return the picture
     */
    public static Picture encoded(ByteBuffer file) {
        return new Picture(0, 0, file, List.of(), Map.of());
    }

    /**
     * Raw pixels.
     *
     * @param width pixels
     * @param height pixels
     * @param rgb interleaved RGB, row by row
     * @return the picture
     */
    public static Picture rgb(int width, int height, ByteBuffer rgb) {
        return new Picture(width, height, rgb, List.of(), Map.of());
    }

    /**
     * Whether it has yet to be decoded.
     *
     * @return true for a file's bytes
     */
    public boolean isEncoded() {
        return width == 0;
    }

    /**
     * Other pixels of the same size: what changes colours and moves nothing.
     *
     * @param rgb interleaved RGB, row by row, width * height * 3 bytes
     * @return a picture with the same points and facts
     */
    public Picture withPixels(ByteBuffer rgb) {
        return new Picture(width, height, rgb, points, facts);
    }

    /**
     * One more fact.
     *
     * @param fact its name
     * @param value its value
     * @return a picture with the same pixels
     */
    public Picture with(String fact, double value) {
        Map<String, Double> more = new LinkedHashMap<>(facts);
        more.put(fact, value);
        return new Picture(width, height, bytes, points, more);
    }

    /**
     * A picture of a face that was found, kept among the facts as {@code face.x}, {@code face.y},
     * {@code face.width}, {@code face.height} and {@code face.score}.
     *
     * @param face where it was found
     * @return a picture with the same pixels
     */
    public Picture with(Face face) {
        return with("face.x", face.x())
                .with("face.y", face.y())
                .with("face.width", face.width())
                .with("face.height", face.height())
                .with("face.score", face.score());
    }

    /**
     * Where the face of this picture was found.
     *
     * @return the face; empty when no detector looked, or the whole image was taken
     */
    public Optional<Face> face() {
        if (!facts.containsKey("face.width")) {
            return Optional.empty();
        }
        return Optional.of(
                new Face(
                        facts.get("face.x"),
                        facts.get("face.y"),
                        facts.get("face.width"),
                        facts.get("face.height"),
                        facts.get("face.score")));
    }
}
