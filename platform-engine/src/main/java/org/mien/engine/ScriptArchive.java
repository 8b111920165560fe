// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.engine;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a TorchScript archive of one class without weights, so that no Python is needed to make
 * it.
 */
final class ScriptArchive {
    private ScriptArchive() {}

    static InputStream of(String methods) throws IOException {
        String source =
                "class Ops(Module):\n"
                        + "  __parameters__ = []\n"
                        + "  __buffers__ = []\n"
                        + "  training : bool\n"
                        + methods;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.setMethod(ZipOutputStream.STORED);
            add(zip, "ops/data.pkl", object());
            add(zip, "ops/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
            add(zip, "ops/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
            add(zip, "ops/version", "10\n".getBytes(StandardCharsets.US_ASCII));
            add(zip, "ops/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
        }
        return new ByteArrayInputStream(bytes.toByteArray());
    }

    /** Pickle protocol 2 of one {@code __torch__.Ops} whose state is {@code training = True}. */
    private static byte[] object() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x80, 2}); // PROTO 2
        out.writeBytes("c__torch__\nOps\n".getBytes(StandardCharsets.US_ASCII)); // GLOBAL
        out.writeBytes(new byte[] {')', (byte) 0x81, '}', '('}); // () NEWOBJ {} MARK
        byte[] key = "training".getBytes(StandardCharsets.US_ASCII);
        out.writeBytes(new byte[] {'X', (byte) key.length, 0, 0, 0}); // BINUNICODE
        out.writeBytes(key);
        out.writeBytes(new byte[] {(byte) 0x88, 'u', 'b', '.'}); // True SETITEMS BUILD STOP
        return out.toByteArray();
    }

    private static void add(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setSize(content.length);
        entry.setCompressedSize(content.length);
        entry.setCrc(crc.getValue());
        entry.setTime(0);
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
