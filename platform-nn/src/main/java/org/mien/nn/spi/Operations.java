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

    /** One script of several resources, whose methods may call each other. */
    static Script load(String... resources) {
        StringBuilder methods = new StringBuilder();
        for (String resource : resources) {
            try (InputStream source = Operations.class.getResourceAsStream(resource)) {
                methods.append(new String(source.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return Torch.get().script(methods.toString(), Device.cpu());
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
