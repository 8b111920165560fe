// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.JarInputStream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Bundles and archives that tests make. */
final class Jars {
    private Jars() {}

    /**
     * A bundle without code.
     *
     * @param more headers and values, in turn
     */
    static byte[] bundle(String name, String version, String... more) throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Manifest-Version", "1.0");
        headers.put("Bundle-ManifestVersion", "2");
        headers.put("Bundle-SymbolicName", name);
        headers.put("Bundle-Version", version);
        for (int i = 0; i < more.length; i += 2) {
            headers.put(more[i], more[i + 1]);
        }
        StringBuilder manifest = new StringBuilder();
        headers.forEach((key, value) -> manifest.append(key + ": " + value + "\r\n"));
        return zip("META-INF/MANIFEST.MF", manifest + "\r\n");
    }

    /** An archive of names and texts, in turn. */
    static byte[] zip(Object... entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (int i = 0; i < entries.length; i += 2) {
                byte[] content =
                        entries[i + 1] instanceof byte[] given
                                ? given
                                : entries[i + 1].toString().getBytes("UTF-8");
                // Sizes before the content, so that a reader of the stream has them too.
                ZipEntry entry = new ZipEntry((String) entries[i]);
                entry.setTime(0);
                CRC32 crc = new CRC32();
                crc.update(content);
                entry.setCrc(crc.getValue());
                entry.setSize(content.length);
                zip.putNextEntry(entry);
                zip.write(content);
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }

    static Incoming read(byte[] bundle) throws IOException {
        Map<String, String> headers = new HashMap<>();
        try (JarInputStream in = new JarInputStream(new ByteArrayInputStream(bundle))) {
            in.getManifest()
                    .getMainAttributes()
                    .forEach((key, value) -> headers.put(key.toString(), value.toString()));
        }
        return Incoming.read("a bundle", null, headers);
    }
}
