// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.mien.core.MienException;

/**
 * A zip archive from outside. Its directory is bounded before it is read, what it unpacks to is
 * summed from the directory before anything is unpacked, and an entry that has more than the
 * directory says is refused while it is read.
 */
final class Zip implements AutoCloseable {
    /** Most bytes of a file, and most that may come out of it. */
    static final long MOST_BYTES = 1L << 30;

    private static final int MOST_ENTRIES = 20_000;
    private static final int MOST_DIRECTORY = 8 << 20;
    private static final int MOST_MANIFEST = 1 << 20;

    /** Of the record that ends a zip, without its comment. */
    private static final int END = 22;

    private static final int END_SIGNATURE = 0x06054b50;

    private final String name;
    private final ZipFile zip;
    private final List<? extends ZipEntry> entries;

    /**
     * Opens it.
     *
     * @param name for messages
     * @throws ZipException if it is no zip archive
     */
    Zip(String name, Path file) throws IOException {
        this.name = name;
        bound(name, file);
        zip = new ZipFile(file.toFile());
        entries = Collections.list(zip.entries());
        try {
            sum();
        } catch (MienException e) {
            zip.close();
            throw e;
        }
    }

    /** Looks at the record at the end, which says how much the directory has. */
    private static void bound(String name, Path file) throws IOException {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            byte[] end = new byte[(int) Math.min(in.length(), END + 0xffff)];
            in.seek(in.length() - end.length);
            in.readFully(end);
            ByteBuffer buffer = ByteBuffer.wrap(end).order(ByteOrder.LITTLE_ENDIAN);
            for (int at = end.length - END; at >= 0; at--) {
                if (buffer.getInt(at) == END_SIGNATURE) {
                    int count = Short.toUnsignedInt(buffer.getShort(at + 10));
                    long size = Integer.toUnsignedLong(buffer.getInt(at + 12));
                    if (count > MOST_ENTRIES || size > MOST_DIRECTORY) {
                        throw new MienException(
                                "'"
                                        + name
                                        + "' has more than "
                                        + MOST_ENTRIES
                                        + " entries, or names that are very long; that is the"
                                        + " limit");
                    }
                    return;
                }
            }
        }
        throw new ZipException("no end of a directory");
    }

    private void sum() {
        long sum = 0;
        Set<String> names = new HashSet<>();
        for (ZipEntry entry : entries) {
            if (!names.add(entry.getName())) {
                throw new MienException(
                        "'" + name + "' has the entry '" + entry.getName() + "' twice");
            }
            sum += Math.max(0, entry.getSize());
            if (sum > MOST_BYTES) {
                throw new MienException(
                        "'"
                                + name
                                + "' unpacks to more than "
                                + (MOST_BYTES >> 20)
                                + " MiB, the limit");
            }
        }
    }

    List<? extends ZipEntry> entries() {
        return entries;
    }

    /** Writes an entry to a file. */
    void unpack(ZipEntry entry, Path to) throws IOException {
        try (InputStream in = zip.getInputStream(entry);
                OutputStream out = Files.newOutputStream(to)) {
            long left = Math.max(0, entry.getSize());
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                left -= n;
                if (left < 0) {
                    throw new MienException(
                            "'"
                                    + name
                                    + "': its entry '"
                                    + entry.getName()
                                    + "' has more than the "
                                    + entry.getSize()
                                    + " bytes that its directory says");
                }
                out.write(buffer, 0, n);
            }
        }
    }

    /** An entry as bytes; null when there is none of this name. */
    byte[] bytes(String entry, int most) throws IOException {
        ZipEntry found = zip.getEntry(entry);
        if (found == null) {
            return null;
        }
        byte[] bytes;
        try (InputStream in = zip.getInputStream(found)) {
            bytes = in.readNBytes(most + 1);
        }
        if (bytes.length > most) {
            throw new MienException(
                    "'" + name + "': its " + entry + " is larger than " + (most >> 20) + " MiB");
        }
        return bytes;
    }

    /** Main headers of the manifest; none when it has no manifest. */
    Map<String, String> headers() throws IOException {
        Map<String, String> headers = new HashMap<>();
        byte[] bytes = bytes(JarFile.MANIFEST_NAME, MOST_MANIFEST);
        if (bytes != null) {
            Manifest manifest;
            try {
                manifest = new Manifest(new ByteArrayInputStream(bytes));
            } catch (IOException e) {
                throw new MienException("'" + name + "': its manifest is wrong: " + e.getMessage());
            }
            manifest.getMainAttributes()
                    .forEach((key, value) -> headers.put(key.toString(), value.toString()));
        }
        return headers;
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
