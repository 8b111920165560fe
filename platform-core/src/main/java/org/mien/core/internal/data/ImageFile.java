// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.mien.api.data.Picture;
import org.mien.vision.Limits;

/** An image file of the user's. */
public final class ImageFile {
    private ImageFile() {}

    /** Reads an image file that is not too large. */
    public static Picture read(Path image, Limits limits) throws IOException {
        if (!Files.isRegularFile(image)) {
            throw new IOException(
                    Files.exists(image)
                            ? "is not a file; expected an image"
                            : "does not exist; expected an image file");
        }
        check(Files.size(image), limits);
        // One byte more than allowed shows a file that grew meanwhile; the decoder refuses it.
        try (InputStream in = Files.newInputStream(image)) {
            return Picture.encoded(ByteBuffer.wrap(in.readNBytes((int) limits.bytes() + 1)));
        } catch (AccessDeniedException e) {
            throw new IOException("may not be read by the user that the platform runs as", e);
        }
    }

    /** An image file that was read already. */
    public static Picture of(byte[] image, Limits limits) throws IOException {
        check(image.length, limits);
        return Picture.encoded(ByteBuffer.wrap(image).asReadOnlyBuffer());
    }

    private static void check(long size, Limits limits) throws IOException {
        if (size > limits.bytes()) {
            throw new IOException(
                    "has "
                            + size
                            + " bytes: an image file may have "
                            + limits.bytes()
                            + " at most. Make it smaller, or raise image.max-bytes");
        }
    }
}
