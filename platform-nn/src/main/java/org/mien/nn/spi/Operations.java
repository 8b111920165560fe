// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.mien.engine.Script;
import org.mien.engine.Torch;

/** The operations in {@code operations.py}, loaded at first use. */
final class Operations {
    private static final Script SCRIPT = load("operations.py");

    private Operations() {}

    static Script load(String resource) {
        try (InputStream source = Operations.class.getResourceAsStream(resource)) {
            String methods = new String(source.readAllBytes(), StandardCharsets.UTF_8);
            return Torch.get().script(methods, Device.cpu());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static NDArray call(NDManager owner, String name, Object... arguments) {
        return SCRIPT.call(owner, name, arguments);
    }

    static NDArray[] list(NDManager owner, String name, Object... arguments) {
        return SCRIPT.list(owner, name, arguments);
    }

    static void copy(NDArray to, NDArray value) {
        SCRIPT.list(to.getManager(), "copy", to, value);
    }
}
