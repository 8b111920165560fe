// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.vision.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.mien.api.data.Picture;
import org.opencv.core.CvException;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.imgcodecs.Imgcodecs;

/** Pixels of a file whose header was read, as OpenCV decodes them. */
public final class Decoding {
    private Decoding() {}

    /**
     * Decodes to 8 bits of red, green, blue.
     *
     * @param file as {@link Headers#read} left it
     * @param header what it says
     * @param encoded whose points and facts are kept
     * @return the pixels, upright
     * @throws IOException in words, when it is damaged or of a kind that OpenCV does not decode
     */
    public static Picture decode(byte[] file, Header header, Picture encoded) throws IOException {
        Natives.load();
        Mat source = new Mat();
        Mat decoded = null;
        try {
            source.create(1, file.length, CvType.CV_8UC1);
            source.put(0, 0, file);
            decoded = Imgcodecs.imdecode(source, flags(header));
            int width = decoded.cols();
            int height = decoded.rows();
            boolean asSaid = width == header.width() && height == header.height();
            boolean turned = width == header.height() && height == header.width();
            int depth = header.depth() == 16 ? CvType.CV_16U : CvType.CV_8U;
            int type = CvType.makeType(depth, header.multiplied() ? 4 : 3);
            if (decoded.type() != type || !asSaid && !turned) {
                throw damaged(header, "");
            }
            if (type != CvType.CV_8UC3) {
                return picture(width, height, turned(decoded), encoded);
            }
            byte[] rgb = new byte[3 * width * height];
            decoded.get(0, 0, rgb);
            return picture(width, height, rgb, encoded);
        } catch (CvException e) {
            throw damaged(header, ": " + e.getMessage());
        } finally {
            source.release();
            if (decoded != null) {
                decoded.release();
            }
        }
    }

    private static Picture picture(int width, int height, byte[] rgb, Picture encoded) {
        return new Picture(width, height, ByteBuffer.wrap(rgb), encoded.points(), encoded.facts());
    }

    private static int flags(Header header) {
        if (header.multiplied()) {
            return Imgcodecs.IMREAD_UNCHANGED;
        }
        // Otherwise OpenCV rounds them; asked for red, green, blue it gives wrong pixels.
        return header.depth() == 16
                ? Imgcodecs.IMREAD_COLOR | Imgcodecs.IMREAD_ANYDEPTH
                : Imgcodecs.IMREAD_COLOR_RGB;
    }

    /** The upper 8 of 16 bits. */
    private static byte[] upper(Mat deep) {
        short[] from = new short[deep.rows() * deep.cols() * deep.channels()];
        deep.get(0, 0, from);
        byte[] to = new byte[from.length];
        for (int i = 0; i < to.length; i++) {
            to[i] = (byte) (from[i] >> 8);
        }
        return to;
    }

    /**
     * Red, green, blue from OpenCV's blue, green, red, and perhaps an alpha: colours that were
     * stored times it are divided by it, and where it is 0 none is known.
     */
    private static byte[] turned(Mat decoded) {
        int channels = decoded.channels();
        byte[] from;
        if (decoded.depth() == CvType.CV_16U) {
            from = upper(decoded);
        } else {
            from = new byte[decoded.rows() * decoded.cols() * channels];
            decoded.get(0, 0, from);
        }
        byte[] to = new byte[from.length / channels * 3];
        for (int i = 0, j = 0; i < from.length; i += channels, j += 3) {
            int alpha = channels == 4 ? from[i + 3] & 0xff : 255;
            for (int c = 0; c < 3; c++) {
                int stored = from[i + 2 - c] & 0xff;
                int colour = alpha == 0 ? stored : (stored * 255 + alpha / 2) / alpha;
                to[j + c] = (byte) Math.min(255, colour);
            }
        }
        return to;
    }

    private static IOException damaged(Header header, String why) {
        return new IOException(
                header.format()
                        + " of "
                        + header.width()
                        + " x "
                        + header.height()
                        + " pixels that is damaged, or of a kind that OpenCV does not decode"
                        + why
                        + ". Save it again as PNG or baseline JPEG");
    }
}
