// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The id that a plugin's class will be registered by. It stands in an annotation that only the
 * class file has; the description that a build makes of it comes after the tests.
 */
final class Ids {
    private static final String PROPERTY = "mien.id=";

    private Ids() {}

    /**
     * Reads the constants of a class file (JVM specification, 4.4).
     *
     * @return the id, or null where the class names none
     */
    static String of(Class<?> type) throws IOException {
        String file = type.getName().replaceFirst(".*[.]", "") + ".class";
        try (InputStream raw = type.getResourceAsStream(file)) {
            if (raw == null) {
                return null;
            }
            DataInputStream in = new DataInputStream(raw);
            in.skipNBytes(8); // magic number and version
            int constants = in.readUnsignedShort();
            for (int i = 1; i < constants; i++) {
                int tag = in.readUnsignedByte();
                switch (tag) {
                    case 1 -> {
                        String text = in.readUTF();
                        if (text.startsWith(PROPERTY)) {
                            return text.substring(PROPERTY.length());
                        }
                    }
                    case 7, 8, 16, 19, 20 -> in.skipNBytes(2);
                    case 15 -> in.skipNBytes(3);
                    case 3, 4, 9, 10, 11, 12, 17, 18 -> in.skipNBytes(4);
                    case 5, 6 -> {
                        in.skipNBytes(8);
                        i++; // a long or a double takes two places
                    }
                    default -> throw new IOException(file + " has a constant of kind " + tag);
                }
            }
        }
        return null;
    }
}
