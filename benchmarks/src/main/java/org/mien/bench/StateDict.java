// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A state dict as {@code torch.save} lays it out, of about 100 MB: eleven convolutions. */
final class StateDict {
    private static final int TENSORS = 11;
    private static final int BYTES = 512 * 512 * 3 * 3 * 4;

    private StateDict() {}

    static Path write(Path file) throws IOException {
        byte[] elements = new byte[BYTES];
        Arrays.fill(elements, (byte) 0x3e); // 0.1857
        try (ZipOutputStream zip =
                new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            zip.setMethod(ZipOutputStream.STORED);
            add(zip, "weights/data.pkl", pickle().getBytes(StandardCharsets.ISO_8859_1));
            for (int i = 0; i < TENSORS; i++) {
                add(zip, "weights/data/" + i, elements);
            }
            add(zip, "weights/version", "3\n".getBytes(StandardCharsets.US_ASCII));
        }
        return file;
    }

    /** Protocol 2: a dictionary of tensors of shape (512, 512, 3, 3), each on its own storage. */
    private static String pickle() {
        StringBuilder pickle = new StringBuilder("\u0080\u0002}");
        for (int i = 0; i < TENSORS; i++) {
            pickle.append(text("layer" + i + ".weight"));
            pickle.append("ctorch._utils\n_rebuild_tensor_v2\n((").append(text("storage"));
            pickle.append("ctorch\nFloatStorage\n").append(text("" + i)).append(text("cpu"));
            pickle.append(number(BYTES / 4)).append("tQK\0");
            pickle.append('(').append(number(512)).append(number(512)).append("K\3K\3t");
            pickle.append('(').append(number(4608)).append("K\u0009K\3K\1t");
            pickle.append("\u0089ccollections\nOrderedDict\n)RtRs");
        }
        return pickle.append('.').toString();
    }

    private static String text(String text) {
        return "X" + (char) text.length() + "\0\0\0" + text;
    }

    private static String number(int value) {
        StringBuilder number = new StringBuilder("J");
        for (int shift = 0; shift < 32; shift += 8) {
            number.append((char) (value >> shift & 0xff));
        }
        return number.toString();
    }

    private static void add(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setSize(content.length);
        entry.setCompressedSize(content.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
