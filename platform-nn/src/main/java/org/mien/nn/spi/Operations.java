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
import java.util.ArrayList;
import java.util.List;
import org.mien.engine.Script;
import org.mien.engine.Torch;

/** The operations in {@code operations.py}, loaded at first use. */
final class Operations {
    private static final Script SCRIPT = load();

    private Operations() {}

    /** The operations and more of them, whose methods may call each other. */
    static Script load(String... more) {
        StringBuilder methods = new StringBuilder();
        List<String> resources = new ArrayList<>(List.of("operations.py"));
        resources.addAll(List.of(more));
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
