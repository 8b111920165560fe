// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.vision;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.mien.api.data.Picture;
import org.mien.vision.internal.Decoding;
import org.mien.vision.internal.Headers;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.core.Size;
import org.opencv.imgcodecs.Imgcodecs;
import org.opencv.imgproc.Imgproc;

/**
 * Decoding, and the geometry that every pipeline needs. Pure functions, for any number of threads;
 * none keeps native memory. Cropping, mirroring and rotating need no natives.
 */
public final class Images {
    private Images() {}

    /**
     * Decodes a file to 8 bits of red, green, blue. Grey becomes three equal channels, 16 bits the
     * upper 8, CMYK (as Adobe stores it) is converted without its profile; an alpha channel is
     * dropped, not blended, as most face datasets were read; colours that a TIFF stores times their
     * alpha are divided by it. The result stands upright: an EXIF orientation is applied. Points
     * and facts are kept; points refer to the upright picture.
     *
     * @param encoded a JPEG, PNG, BMP, WebP, TIFF or GIF with one frame; a picture that is decoded
     *     is given back as it is
     * @param limits what is accepted, checked on the header before memory is taken
     * @return the pixels
     * @throws IOException in words: not an image, over a limit, truncated, animated, or damaged
     */
    public static Picture decode(Picture encoded, Limits limits) throws IOException {
        if (!encoded.isEncoded()) {
            return encoded;
        }
        int length = encoded.bytes().remaining();
        if (length > limits.bytes()) {
            throw new IOException(
                    "the file has "
                            + length
                            + " bytes: an image file may have "
                            + limits.bytes()
                            + " at most. Make it smaller, or raise image.max-bytes");
        }
        // Our own copy: what the header said must still be so when the pixels are decoded.
        byte[] file = new byte[length];
        encoded.bytes().get(encoded.bytes().position(), file);
        return Decoding.decode(file, Headers.read(file, limits), encoded);
    }

    /**
     * Looks at the beginning of a file: whether {@link #decode} would take it, as far as its header
     * says. Nothing is decoded.
     *
     * @param encoded as for {@link #decode}; a picture that is decoded is well
     * @param limits what is accepted
     * @throws IOException in words: not an image, over a limit, truncated, or animated
     */
    public static void check(Picture encoded, Limits limits) throws IOException {
        if (encoded.isEncoded()) {
            byte[] file = new byte[encoded.bytes().remaining()];
            encoded.bytes().get(encoded.bytes().position(), file);
            Headers.read(file, limits);
        }
    }

    /**
     * Scales to a size; proportions are not kept. A direction that shrinks is averaged over the
     * area of each new pixel, one that grows is interpolated bilinearly.
     *
     * @param picture decoded
     * @param width new width, in pixels, at most {@link Limits#DEFAULT}
     * @param height new height, in pixels, at most {@link Limits#DEFAULT}
     * @return the picture; the same one if it has that size
     */
    public static Picture resize(Picture picture, int width, int height) {
        decoded(picture, "resized");
        sized("resize", width, height);
        if (width == picture.width() && height == picture.height()) {
            return picture;
        }
        List<float[]> points = new ArrayList<>();
        double scaleX = (double) width / picture.width();
        double scaleY = (double) height / picture.height();
        for (float[] point : picture.points()) {
            points.add(
                    new float[] {
                        (float) ((point[0] + 0.5) * scaleX - 0.5),
                        (float) ((point[1] + 0.5) * scaleY - 0.5)
                    });
        }
        Mat from = matrix(picture);
        Mat smaller = new Mat();
        Mat larger = new Mat();
        try {
            int lowerWidth = Math.min(width, picture.width());
            int lowerHeight = Math.min(height, picture.height());
            Imgproc.resize(
                    from, smaller, new Size(lowerWidth, lowerHeight), 0, 0, Imgproc.INTER_AREA);
            Imgproc.resize(smaller, larger, new Size(width, height), 0, 0, Imgproc.INTER_LINEAR);
            return pixels(larger, picture, points);
        } finally {
            from.release();
            smaller.release();
            larger.release();
        }
    }

    /**
     * Cuts out a box. Where it reaches over the edge, the pixels of the edge are repeated.
     *
     * @param picture decoded
     * @param x left column of the box, may be negative
     * @param y upper row of the box, may be negative
     * @param width of the box, in pixels, at most {@link Limits#DEFAULT}
     * @param height of the box, in pixels, at most {@link Limits#DEFAULT}
     * @return the box; points may come to lie outside it
     */
    public static Picture crop(Picture picture, int x, int y, int width, int height) {
        decoded(picture, "cropped");
        sized("crop", width, height);
        ByteBuffer from = picture.bytes();
        int start = from.position();
        byte[] to = new byte[3 * width * height];
        // Columns of the box that lie inside; the others repeat the first or the last of a row.
        int left = (int) Math.max(0, Math.min(width, -(long) x));
        int right = (int) Math.max(left, Math.min(width, (long) picture.width() - x));
        for (int row = 0; row < height; row++) {
            int fromRow = start + 3 * picture.width() * clamp((long) y + row, picture.height());
            int toRow = 3 * width * row;
            if (right > left) {
                from.get(fromRow + 3 * (x + left), to, toRow + 3 * left, 3 * (right - left));
            }
            for (int column = 0; column < left; column++) {
                from.get(
                        fromRow + 3 * clamp((long) x + column, picture.width()),
                        to,
                        toRow + 3 * column,
                        3);
            }
            for (int column = right; column < width; column++) {
                from.get(
                        fromRow + 3 * clamp((long) x + column, picture.width()),
                        to,
                        toRow + 3 * column,
                        3);
            }
        }
        List<float[]> points = new ArrayList<>();
        for (float[] point : picture.points()) {
            points.add(new float[] {point[0] - x, point[1] - y});
        }
        return new Picture(width, height, ByteBuffer.wrap(to), points, picture.facts());
    }

    /**
     * Exchanges left and right. Of five points the eyes are exchanged and the corners of the mouth,
     * so that the eye on the left of the image stays first; other numbers of points keep their
     * order.
     *
     * @param picture decoded
     * @return its mirror image
     */
    public static Picture mirror(Picture picture) {
        decoded(picture, "mirrored");
        int width = picture.width();
        byte[] bytes = copy(picture);
        for (int row = 0; row < picture.height(); row++) {
            int left = 3 * width * row;
            int right = left + 3 * (width - 1);
            for (; left < right; left += 3, right -= 3) {
                for (int channel = 0; channel < 3; channel++) {
                    byte swapped = bytes[left + channel];
                    bytes[left + channel] = bytes[right + channel];
                    bytes[right + channel] = swapped;
                }
            }
        }
        List<float[]> points = new ArrayList<>();
        for (float[] point : picture.points()) {
            points.add(new float[] {width - 1 - point[0], point[1]});
        }
        if (points.size() == 5) {
            Collections.swap(points, 0, 1);
            Collections.swap(points, 3, 4);
        }
        return new Picture(
                width, picture.height(), ByteBuffer.wrap(bytes), points, picture.facts());
    }

    /**
     * Turns a picture about its centre, ((width - 1) / 2, (height - 1) / 2); width and height stay.
     * New pixels are interpolated bilinearly, one half is rounded up, and beyond an edge its pixels
     * are repeated. The bytes depend on the arguments alone, not on the processor or its libraries.
     *
     * @param picture decoded
     * @param degrees the angle, counter-clockwise as one sees it; any finite number
     * @return the turned picture, its points in their order, some perhaps outside it; the same one
     *     for whole turns
     */
    public static Picture rotate(Picture picture, double degrees) {
        decoded(picture, "rotated");
        if (!Double.isFinite(degrees)) {
            throw new IllegalArgumentException(
                    "rotate by " + degrees + " degrees; expected a finite number");
        }
        if (degrees % 360 == 0) {
            return picture;
        }
        // Math.sin may differ between machines in the last bit, StrictMath may not.
        double radians = degrees % 360 / 180 * Math.PI;
        double sin = StrictMath.sin(radians);
        double cos = StrictMath.cos(radians);
        int width = picture.width();
        int height = picture.height();
        double centreX = (width - 1) / 2.0;
        double centreY = (height - 1) / 2.0;
        byte[] from = copy(picture);
        byte[] to = new byte[from.length];
        int at = 0;
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                double right = column - centreX;
                double down = row - centreY;
                // The place in the old picture: turned back, clockwise.
                double x = centreX + cos * right - sin * down;
                double y = centreY + sin * right + cos * down;
                sample(from, width, height, x, y, to, at);
                at += 3;
            }
        }
        List<float[]> points = new ArrayList<>();
        for (float[] point : picture.points()) {
            double right = point[0] - centreX;
            double down = point[1] - centreY;
            points.add(
                    new float[] {
                        (float) (centreX + cos * right + sin * down),
                        (float) (centreY - sin * right + cos * down)
                    });
        }
        return new Picture(width, height, ByteBuffer.wrap(to), points, picture.facts());
    }

    /**
     * Moves a picture by an affine map about its centre, ((width - 1) / 2, (height - 1) / 2); width
     * and height stay. With (x, y) the way from the centre, x becomes a x + b y + c and y becomes d
     * x + e y + f. New pixels are interpolated bilinearly, one half is rounded up, and beyond an
     * edge its pixels are repeated. The bytes depend on the arguments alone.
     *
     * @param picture decoded
     * @param map a, b, c, d, e, f; c and f in pixels
     * @return the moved picture, its points in their order, some perhaps outside it
     * @throws IllegalArgumentException in words, when the map is no six finite numbers or cannot be
     *     turned round
     */
    public static Picture affine(Picture picture, double[] map) {
        decoded(picture, "moved");
        double determinant = map.length == 6 ? map[0] * map[4] - map[1] * map[3] : 0;
        if (determinant == 0
                || !Double.isFinite(1 / determinant)
                || !Arrays.stream(map).allMatch(Double::isFinite)) {
            throw new IllegalArgumentException(
                    "affine map "
                            + Arrays.toString(map)
                            + "; expected six finite numbers a, b, c, d, e, f with a e - b d not"
                            + " 0");
        }
        int width = picture.width();
        int height = picture.height();
        double centreX = (width - 1) / 2.0;
        double centreY = (height - 1) / 2.0;
        byte[] from = copy(picture);
        byte[] to = new byte[from.length];
        int at = 0;
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                double right = column - centreX - map[2];
                double down = row - centreY - map[5];
                double x = centreX + (map[4] * right - map[1] * down) / determinant;
                double y = centreY + (map[0] * down - map[3] * right) / determinant;
                sample(from, width, height, x, y, to, at);
                at += 3;
            }
        }
        List<float[]> points = new ArrayList<>();
        for (float[] point : picture.points()) {
            double right = point[0] - centreX;
            double down = point[1] - centreY;
            points.add(
                    new float[] {
                        (float) (centreX + map[0] * right + map[1] * down + map[2]),
                        (float) (centreY + map[3] * right + map[4] * down + map[5])
                    });
        }
        return new Picture(width, height, ByteBuffer.wrap(to), points, picture.facts());
    }

    /**
     * Moves a face onto a template by the similarity transform (turn, scale, shift) that brings its
     * points nearest to the template's, in the sense of least squares: Umeyama, "Least-squares
     * estimation of transformation parameters between two point patterns", PAMI 1991, without
     * reflection. Where it shrinks by more than half the picture is averaged first. New pixels are
     * interpolated bilinearly, and beyond an edge its pixels are repeated.
     *
     * @param picture decoded, with as many points as the template
     * @param template where the points shall lie, as (x, y) in pixels; at least two, not all alike
     * @param width of the result, in pixels, at most {@link Limits#DEFAULT}
     * @param height of the result, in pixels, at most {@link Limits#DEFAULT}
     * @return the face with its points moved, which lie near the template
     * @throws IllegalArgumentException in words, when there are not as many points, or all are one
     */
    public static Picture align(Picture picture, List<float[]> template, int width, int height) {
        decoded(picture, "aligned");
        sized("align", width, height);
        double[] moved = similarity(picture.points(), template);
        double scale = Math.hypot(moved[0], moved[1]);
        if (scale < 0.5) {
            int lowerWidth = (int) Math.max(1, Math.ceil(2 * scale * picture.width()));
            int lowerHeight = (int) Math.max(1, Math.ceil(2 * scale * picture.height()));
            Picture smaller = resize(picture, lowerWidth, lowerHeight);
            if (smaller != picture) {
                return align(smaller, template, width, height);
            }
        }
        // Back from the new picture to the old one.
        double a = moved[0] / (scale * scale);
        double b = -moved[1] / (scale * scale);
        byte[] from = copy(picture);
        byte[] to = new byte[3 * width * height];
        int at = 0;
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                double right = column - moved[2];
                double down = row - moved[3];
                double x = a * right - b * down;
                double y = b * right + a * down;
                sample(from, picture.width(), picture.height(), x, y, to, at);
                at += 3;
            }
        }
        List<float[]> points = new ArrayList<>();
        for (float[] point : picture.points()) {
            points.add(
                    new float[] {
                        (float) (moved[0] * point[0] - moved[1] * point[1] + moved[2]),
                        (float) (moved[1] * point[0] + moved[0] * point[1] + moved[3])
                    });
        }
        return new Picture(width, height, ByteBuffer.wrap(to), points, picture.facts());
    }

    /** a, b, c, d of x' = a x - b y + c, y' = b x + a y + d. */
    private static double[] similarity(List<float[]> points, List<float[]> template) {
        int count = template.size();
        if (points.size() != count || count < 2) {
            throw new IllegalArgumentException(
                    "a picture with "
                            + points.size()
                            + " points cannot be moved onto a template of "
                            + count);
        }
        double[] centre = new double[4];
        for (int i = 0; i < count; i++) {
            centre[0] += points.get(i)[0] / (double) count;
            centre[1] += points.get(i)[1] / (double) count;
            centre[2] += template.get(i)[0] / (double) count;
            centre[3] += template.get(i)[1] / (double) count;
        }
        double along = 0;
        double across = 0;
        double spread = 0;
        for (int i = 0; i < count; i++) {
            double x = points.get(i)[0] - centre[0];
            double y = points.get(i)[1] - centre[1];
            double toX = template.get(i)[0] - centre[2];
            double toY = template.get(i)[1] - centre[3];
            along += x * toX + y * toY;
            across += x * toY - y * toX;
            spread += x * x + y * y;
        }
        double a = along / spread;
        double b = across / spread;
        if (!(spread > 0) || !(a * a + b * b > 0) || Double.isInfinite(a * a + b * b)) {
            throw new IllegalArgumentException(
                    "the points of the face lie on one spot, or cannot be told from their mirror"
                            + " image");
        }
        return new double[] {
            a,
            b,
            centre[2] - a * centre[0] + b * centre[1],
            centre[3] - b * centre[0] - a * centre[1]
        };
    }

    /** One pixel between four, beyond an edge the edge's own. */
    private static void sample(
            byte[] from, int width, int height, double atX, double atY, byte[] to, int at) {
        double x = clamp(atX, width);
        double y = clamp(atY, height);
        int x0 = (int) x;
        int y0 = (int) y;
        double shareX = x - x0;
        double shareY = y - y0;
        int upper = 3 * (y0 * width + x0);
        int lower = y0 < height - 1 ? upper + 3 * width : upper;
        int next = x0 < width - 1 ? 3 : 0;
        for (int channel = 0; channel < 3; channel++) {
            double above = between(from, upper + channel, next, shareX);
            double below = between(from, lower + channel, next, shareX);
            to[at + channel] = (byte) (int) (above + shareY * (below - above) + 0.5);
        }
    }

    private static double between(byte[] bytes, int at, int next, double share) {
        int first = bytes[at] & 0xff;
        return first + share * ((bytes[at + next] & 0xff) - first);
    }

    /**
     * Writes a PNG; no pixel is lost. Points and facts are not in it.
     *
     * @param picture decoded
     * @return the file
     */
    public static byte[] encodePng(Picture picture) {
        decoded(picture, "encoded");
        Mat rgb = matrix(picture);
        Mat bgr = new Mat();
        MatOfByte file = new MatOfByte();
        try {
            Imgproc.cvtColor(rgb, bgr, Imgproc.COLOR_RGB2BGR);
            if (!Imgcodecs.imencode(".png", bgr, file)) {
                throw new IllegalStateException(
                        "OpenCV did not encode a picture of "
                                + picture.width()
                                + " x "
                                + picture.height()
                                + " as PNG");
            }
            return file.toArray();
        } finally {
            rgb.release();
            bgr.release();
            file.release();
        }
    }

    private static void decoded(Picture picture, String done) {
        if (picture.isEncoded()) {
            throw new IllegalArgumentException(
                    "an encoded file cannot be " + done + "; decode it first");
        }
    }

    private static void sized(String what, int width, int height) {
        Limits limits = Limits.DEFAULT;
        if (width < 1
                || height < 1
                || Math.max(width, height) > limits.side()
                || (long) width * height > limits.pixels()) {
            throw new IllegalArgumentException(
                    what
                            + " to "
                            + width
                            + " x "
                            + height
                            + " pixels; expected 1 to "
                            + limits.side()
                            + " a side and at most "
                            + limits.pixels()
                            + " in all");
        }
    }

    private static int clamp(long index, int size) {
        return (int) Math.max(0, Math.min(size - 1L, index));
    }

    private static double clamp(double place, int size) {
        return Math.max(0, Math.min(size - 1, place));
    }

    private static byte[] copy(Picture picture) {
        byte[] bytes = new byte[picture.bytes().remaining()];
        picture.bytes().get(picture.bytes().position(), bytes);
        return bytes;
    }

    private static Mat matrix(Picture picture) {
        OpenCv.load();
        Mat matrix = new Mat(picture.height(), picture.width(), CvType.CV_8UC3);
        matrix.put(0, 0, copy(picture));
        return matrix;
    }

    private static Picture pixels(Mat matrix, Picture of, List<float[]> points) {
        byte[] bytes = new byte[3 * matrix.cols() * matrix.rows()];
        matrix.get(0, 0, bytes);
        return new Picture(
                matrix.cols(), matrix.rows(), ByteBuffer.wrap(bytes), points, of.facts());
    }
}
