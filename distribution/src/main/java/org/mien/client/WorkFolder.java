// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.client;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/** Questions about folders that a shell script cannot answer. */
final class WorkFolder {
    private WorkFolder() {}

    /**
     * Whether no process holds a lock, here or in another container or on another machine that has
     * the same file. The system frees the lock of one that has ended, however it ended.
     */
    static boolean free(Path lock) throws IOException {
        if (!Files.exists(lock)) {
            return true;
        }
        try (FileChannel file =
                        FileChannel.open(lock, StandardOpenOption.READ, StandardOpenOption.WRITE);
                FileLock held = file.tryLock()) {
            return held != null;
        }
    }

    /**
     * A path as an address, with nothing in it that means something in an address or in a list of
     * them: Pax URL parts a list at commas, and what stands behind an {@code @} is an option.
     */
    static String address(Path path) {
        StringBuilder address = new StringBuilder("file:");
        for (byte one : path.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8)) {
            boolean plain =
                    one >= '0' && one <= '9'
                            || one >= 'a' && one <= 'z'
                            || one >= 'A' && one <= 'Z'
                            || "/._-".indexOf(one) >= 0;
            address.append(plain ? (char) one : String.format(Locale.ROOT, "%%%02X", one & 0xff));
        }
        return address.toString();
    }
}
