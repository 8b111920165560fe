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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.mien.engine.Script;
import org.mien.engine.Torch;

/** The operations in {@code operations.py}, loaded at first use. */
final class Operations {
    /** How convolutions and products of matrices are computed on a CPU. */
    enum By {
        /** By oneDNN, products as convolutions of one pixel, at the full width of the processor. */
        ONE_DNN("convolutions_onednn.py", "products_onednn.py"),
        /**
         * Convolutions by oneDNN, products by MKL, which is as fast on Intel's processors alone.
         */
        BOTH("convolutions_onednn.py", "products_mkl.py"),
        /** Everything by MKL. */
        MKL("convolutions_mkl.py", "products_mkl.py");

        private final List<String> resources;

        By(String... resources) {
            this.resources = List.of(resources);
        }

        private static By choose() {
            return !Torch.get().oneDnn() ? MKL : intel() ? BOTH : ONE_DNN;
        }

        private static boolean intel() {
            try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
                return lines.anyMatch(line -> line.contains("GenuineIntel"));
            } catch (IOException | UncheckedIOException e) {
                return false;
            }
        }
    }

    private static final By BY = By.choose();

    private static final Script SCRIPT = load();

    private Operations() {}

    /** The operations and more of them, whose methods may call each other. */
    static Script load(String... more) {
        return load(BY, more);
    }

    static Script load(By by, String... more) {
        StringBuilder methods = new StringBuilder();
        List<String> resources = new ArrayList<>(List.of("operations.py"));
        resources.addAll(by.resources);
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
