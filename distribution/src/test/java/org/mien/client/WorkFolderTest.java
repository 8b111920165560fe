// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkFolderTest {
    /** Another process, which takes a lock as Karaf does. */
    public static final class Holder {
        private Holder() {}

        public static void main(String[] args) throws IOException {
            try (RandomAccessFile file = new RandomAccessFile(args[0], "rw")) {
                System.out.println(file.getChannel().tryLock() != null);
                System.in.read();
            }
        }
    }

    @TempDir Path folder;

    @Test
    void theLockOfALivingProcessIsSeenAndThatOfADeadOneIsNot() throws Exception {
        Path lock = folder.resolve("lock");
        assertTrue(WorkFolder.free(lock), "there is none");
        Process holder =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                Path.of("target", "test-classes").toString(),
                                Holder.class.getName(),
                                lock.toString())
                        .start();
        assertEquals("true", holder.inputReader().readLine());
        assertFalse(WorkFolder.free(lock));
        holder.destroyForcibly().waitFor();
        assertTrue(Files.exists(lock));
        assertTrue(WorkFolder.free(lock));
    }

    @Test
    void anAddressHasNothingThatMeansSomething() throws URISyntaxException {
        String path = "/home/Anna Smith/50% [1],a:b@c#d&e;f='g'\"\u00fc\"$~+";
        String address = WorkFolder.address(Path.of(path));
        assertTrue(address.matches("file:/[A-Za-z0-9/._%-]*"), address);
        assertEquals(path, Path.of(new URI(address)).toString());
        assertEquals("file:/opt/mien-0.1", WorkFolder.address(Path.of("/opt/mien-0.1")));
    }
}
