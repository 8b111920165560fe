// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.vision.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opencv.core.Mat;

class NativesTest {
    private static final Path NATIVES = Path.of(System.getProperty("mien.opencv"));

    @Test
    void theFolderHoldsWhatIsLoadedAndNothingElse() throws IOException {
        Set<String> files = new TreeSet<>();
        try (Stream<Path> all = Files.list(NATIVES)) {
            all.map(file -> file.getFileName().toString())
                    .filter(name -> name.contains(".so"))
                    .forEach(files::add);
        }
        assertEquals(new TreeSet<>(Natives.LIBRARIES), files);
    }

    /** After a refresh the bundle has a new class loader, while the old one may live on. */
    @Test
    void aSecondClassLoaderLoadsHardLinks(@TempDir Path empty) throws Exception {
        Natives.load();
        Path folder = Files.createTempDirectory(NATIVES.getParent(), "links");
        try (URLClassLoader second = new URLClassLoader(classes(), platform())) {
            Method load =
                    second.loadClass(Natives.class.getName()).getDeclaredMethod("load", Path.class);
            load.setAccessible(true);
            assertTrue(refusal(load, empty).contains("libquadmath.so.0 is missing; expected all"));
            assertTrue(refusal(load, NATIVES).contains("already loaded in another classloader"));

            Natives.links(NATIVES, folder);
            Natives.links(NATIVES, folder);
            load.invoke(null, folder);
            Object matrix =
                    second.loadClass(Mat.class.getName())
                            .getConstructor(int.class, int.class, int.class)
                            .newInstance(2, 3, 0);
            assertEquals(6L, matrix.getClass().getMethod("total").invoke(matrix));
        } finally {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    private static URL[] classes() {
        return new URL[] {
            Natives.class.getProtectionDomain().getCodeSource().getLocation(),
            Mat.class.getProtectionDomain().getCodeSource().getLocation()
        };
    }

    private static ClassLoader platform() {
        return ClassLoader.getPlatformClassLoader();
    }

    private static String refusal(Method load, Path folder) {
        Throwable cause =
                assertThrows(InvocationTargetException.class, () -> load.invoke(null, folder))
                        .getCause();
        return assertInstanceOf(IllegalStateException.class, cause).getMessage();
    }
}
