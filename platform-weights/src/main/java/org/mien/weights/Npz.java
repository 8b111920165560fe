// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.io.IOException;
import java.io.OutputStream;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** NumPy's NPZ format: a zip file of NPY arrays, as {@code numpy.savez} writes it. */
public final class Npz {
    private static final String SUFFIX = ".npy";

    /** An array of one text, JSON of text by name. */
    private static final String METADATA = "__metadata__";

    private Npz() {}

    /** Whether a zip file is one. */
    static boolean fits(Map<String, Stretch> entries) {
        return !entries.isEmpty()
                && entries.keySet().stream().allMatch(name -> name.endsWith(SUFFIX));
    }

    static Content read(Map<String, Stretch> entries) throws BadWeights {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        Map<String, String> metadata = Map.of();
        Passed passed = new Passed();
        for (Map.Entry<String, Stretch> entry : entries.entrySet()) {
            String name = entry.getKey();
            name = name.substring(0, name.length() - SUFFIX.length());
            if (name.equals(METADATA)) {
                metadata = Metadata.read(Npy.text(name, entry.getValue()));
                continue;
            }
            String unread = Npy.unread(name, entry.getValue());
            if (unread.isEmpty()) {
                tensors.put(name, Npy.read(name, entry.getValue()));
            } else {
                passed.add("'" + name + "' (" + unread + ")");
            }
        }
        if (tensors.isEmpty()) {
            throw new BadWeights(
                    "it holds no numbers; passed over: " + String.join(", ", passed.words()));
        }
        return new Content("npz", List.of(new Network("", tensors)), metadata, passed.words());
    }

    /**
     * Text by name as an array that {@link WeightsFile#metadata} gives again.
     *
     * @param metadata text by name
     * @return what it is called among the arrays, and it
     */
    public static Map.Entry<String, Npy> metadata(Map<String, String> metadata) {
        return Map.entry(METADATA, Npy.text(Metadata.write(metadata)));
    }

    /**
     * Writes arrays, not compressed. The same arrays give the same bytes. Elements are written
     * twice, first only to be summed.
     *
     * @param out where to; it stays open
     * @param arrays name to array
     * @throws IOException when it cannot be written
     */
    public static void write(OutputStream out, Map<String, Npy> arrays) throws IOException {
        ZipOutputStream zip = new ZipOutputStream(out);
        zip.setMethod(ZipOutputStream.STORED);
        for (Map.Entry<String, Npy> array : arrays.entrySet()) {
            CRC32 sum = new CRC32();
            array.getValue()
                    .write(
                            new OutputStream() {
                                @Override
                                public void write(int one) {
                                    sum.update(one);
                                }

                                @Override
                                public void write(byte[] bytes, int from, int count) {
                                    sum.update(bytes, from, count);
                                }
                            });
            ZipEntry entry = new ZipEntry(array.getKey() + SUFFIX);
            entry.setTimeLocal(LocalDateTime.of(1980, 1, 1, 0, 0));
            entry.setSize(array.getValue().bytes());
            entry.setCompressedSize(array.getValue().bytes());
            entry.setCrc(sum.getValue());
            zip.putNextEntry(entry);
            array.getValue().write(zip);
            zip.closeEntry();
        }
        zip.finish();
    }
}
