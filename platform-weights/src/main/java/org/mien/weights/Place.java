// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Where weights are: a file or a folder, and which of its networks.
 *
 * @param path the file, an index of several files, or a folder with one set of weights
 * @param choice keys and the beginning of names, with dots, for example {@code state_dict_ema} or
 *     {@code module.encoder_k}; empty where there is nothing to choose
 */
public record Place(Path path, String choice) {
    /**
     * Reads what a user wrote.
     *
     * @param text {@code PATH} or {@code PATH#CHOICE}; a file whose name has a {@code #} is one
     * @return the place, its path absolute
     * @throws InvalidPathException when it is no path
     */
    public static Place of(String text) {
        int hash = text.lastIndexOf('#');
        Path whole = Path.of(text).toAbsolutePath().normalize();
        boolean chosen = hash > 0 && text.indexOf('/', hash) < 0; // no name has a slash
        if (!chosen || Files.exists(whole)) {
            return new Place(whole, "");
        }
        Path path = Path.of(text.substring(0, hash)).toAbsolutePath().normalize();
        return new Place(path, text.substring(hash + 1).replaceAll("\\.+$", ""));
    }

    /** The place as a user writes it. */
    @Override
    public String toString() {
        return choice.isEmpty() ? path.toString() : path + "#" + choice;
    }
}
