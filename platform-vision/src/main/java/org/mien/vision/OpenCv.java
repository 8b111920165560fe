// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.vision;

import org.mien.vision.internal.Natives;
import org.opencv.core.Core;

/**
 * OpenCV's native side. Whoever calls {@code org.opencv.*} directly calls {@link #load} first;
 * {@link Images} does so by itself.
 */
public final class OpenCv {
    private OpenCv() {}

    /**
     * Loads the natives if that has not been done: some 20 ms, once. Their own threads are off, so
     * that a result does not depend on the number of processors; call from as many threads as you
     * like.
     *
     * @throws IllegalStateException in words, when their folder is not known, lacks a library, or a
     *     library does not load
     */
    public static void load() {
        Natives.load();
    }

    /**
     * Version of OpenCV.
     *
     * @return for example {@code 4.13.0}
     */
    public static String version() {
        return Core.VERSION;
    }

    /**
     * A Haar cascade that comes with OpenCV.
     *
     * @param name {@code haarcascade_frontalface_default} or {@code haarcascade_frontalface_alt2}
     * @return the file's absolute path
     * @throws IllegalStateException when it is not among the natives
     */
    public static String cascade(String name) {
        return Natives.file(name + ".xml").toString();
    }
}
