// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.vision.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.opencv.core.Core;

/** The native libraries of OpenCV: where they are, in which order they load. */
public final class Natives {
    /**
     * Each after all it is linked against. Their search path is that of the machine that built
     * them, so the linker finds nothing by itself; it takes what is loaded under the same name.
     */
    static final List<String> LIBRARIES =
            List.of(
                    "libquadmath.so.0",
                    "libgfortran.so.5",
                    "libopenblas.so.0",
                    "libopencv_core.so.413",
                    "libopencv_imgproc.so.413",
                    "libopencv_photo.so.413",
                    "libopencv_xphoto.so.413",
                    "libopencv_dnn.so.413",
                    "libopencv_dnn_superres.so.413",
                    "libopencv_img_hash.so.413",
                    "libopencv_saliency.so.413",
                    "libopencv_ml.so.413",
                    "libopencv_text.so.413",
                    "libopencv_phase_unwrapping.so.413",
                    "libopencv_flann.so.413",
                    "libopencv_features2d.so.413",
                    "libopencv_calib3d.so.413",
                    "libopencv_structured_light.so.413",
                    "libopencv_wechat_qrcode.so.413",
                    "libopencv_xfeatures2d.so.413",
                    "libopencv_imgcodecs.so.413",
                    "libopencv_video.so.413",
                    "libopencv_ximgproc.so.413",
                    "libopencv_objdetect.so.413",
                    "libopencv_aruco.so.413",
                    "libopencv_bgsegm.so.413",
                    "libopencv_bioinspired.so.413",
                    "libopencv_face.so.413",
                    "libopencv_tracking.so.413",
                    "libopencv_plot.so.413",
                    "libopencv_videoio.so.413",
                    "libopencv_java.so");

    private static Path loadedFrom;

    private Natives() {}

    /** Loads from the folder that the system property mien.opencv names, if nothing is loaded. */
    public static synchronized void load() {
        if (loadedFrom != null) {
            return;
        }
        String folder = System.getProperty("mien.opencv");
        if (folder == null) {
            throw new IllegalStateException(
                    "vision: OpenCV is not loaded and the property mien.opencv is not set;"
                            + " expected the folder of its libraries. Start the bundle"
                            + " org.mien.vision first, or set mien.opencv");
        }
        load(Path.of(folder));
    }

    /**
     * Loads from a folder, if nothing is loaded.
     *
     * @param folder where all of {@link #LIBRARIES} lie
     * @throws IllegalStateException when one is missing or does not load
     */
    static synchronized void load(Path folder) {
        if (loadedFrom != null) {
            return;
        }
        Path absolute = folder.toAbsolutePath().normalize();
        for (String library : LIBRARIES) {
            Path file = absolute.resolve(library);
            if (!Files.isRegularFile(file)) {
                throw new IllegalStateException(
                        "vision: "
                                + file
                                + " is missing; expected all "
                                + LIBRARIES.size()
                                + " libraries of OpenCV in one folder. Build the distribution"
                                + " again, or set mien.opencv to such a folder");
            }
        }
        for (String library : LIBRARIES) {
            try {
                System.load(absolute.resolve(library).toString());
            } catch (LinkageError e) {
                throw new IllegalStateException(
                        "vision: "
                                + library
                                + " in "
                                + absolute
                                + " does not load: "
                                + e.getMessage(),
                        e);
            }
        }
        // Images are decoded by many threads already, and sums must not depend on their number.
        Core.setNumThreads(1);
        loadedFrom = absolute;
    }

    /**
     * A file beside the libraries.
     *
     * @param name its name
     * @return its absolute path
     */
    public static synchronized Path file(String name) {
        load();
        Path file = loadedFrom.resolve(name);
        if (!Files.isRegularFile(file)) {
            throw new IllegalStateException(
                    "vision: "
                            + file
                            + " is missing; expected it beside the libraries of OpenCV. Build the"
                            + " distribution again");
        }
        return file;
    }

    static synchronized boolean loaded() {
        return loadedFrom != null;
    }

    /**
     * The same files under other paths, for a second class loader: the JVM binds a path to one
     * loader, while the linker sees one file and keeps one copy in memory.
     *
     * @param natives the files
     * @param folder where to make the links
     * @return the folder
     */
    static Path links(Path natives, Path folder) throws IOException {
        Files.createDirectories(folder);
        try (Stream<Path> files = Files.list(natives)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path link = folder.resolve(file.getFileName().toString());
                Files.deleteIfExists(link);
                try {
                    Files.createLink(link, file);
                } catch (IOException | UnsupportedOperationException e) {
                    // Another file system; a copy works too and only takes space.
                    Files.copy(file, link);
                }
            }
        }
        return folder;
    }
}
