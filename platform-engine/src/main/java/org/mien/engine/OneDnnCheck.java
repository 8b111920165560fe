// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.engine;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * Looks whether oneDNN computes rightly on this machine. It asks the processor for the sizes of its
 * caches; where a virtual machine answers zero to AMD's way of asking, version 3.7 lays weights out
 * wrongly whose channels do not fill a block, and convolutions are wrong in silence, or it divides
 * by zero and ends the process. {@link CacheSizes} mends that.
 */
final class OneDnnCheck {
    private static final String THERE =
            """
              def there(self: __torch__.Ops) -> Tensor:
                return torch.tensor(ops.mkldnn._is_mkldnn_bf16_supported(), dtype=None, device=None, requires_grad=False)
            """;

    private static final String OFF =
            """
              def off(self: __torch__.Ops, x: Tensor, w: Tensor, padding: int) -> Tensor:
                k = torch.size(w, 2)
                a = torch.conv2d(torch.contiguous(x, memory_format=2), w, None, [1, 1], [padding, padding], [1, 1], 1)
                b = torch.thnn_conv2d(x, w, [k, k], None, [1, 1], [padding, padding])
                ga = torch.grad([torch.sum(torch.mul(a, a))], [x, w], None, None, False, True)
                gb = torch.grad([torch.sum(torch.mul(b, b))], [x, w], None, None, False, True)
                off = torch.max(torch.abs(torch.sub(a, b)))
                for i in range(2):
                  g = torch.sub(unchecked_cast(Tensor, ga[i]), unchecked_cast(Tensor, gb[i]))
                  off = torch.maximum(off, torch.max(torch.abs(g)))
                return torch.detach(off)
            """;

    /** Channels out, channels in, side of the kernel. */
    private static final int[][] SHAPES = {{40, 24, 1}, {512, 128, 1}, {7, 24, 3}, {100, 40, 3}};

    private OneDnnCheck() {}

    /** What the check needs of an engine. */
    interface Engine {
        /** Compiles methods. */
        Script script(String methods, Device device);

        /** A scope in which gradients are kept. */
        Scope training(Device device);

        /** The folder of the engine's libraries. */
        Path natives();
    }

    /** How it is: as the property asks, or as the check finds. */
    static OneDnn decide(String asked, Supplier<OneDnn> check) {
        return switch (asked) {
            case "on" -> OneDnn.RIGHT;
            case "off" -> OneDnn.UNUSED;
            case "auto" -> check.get();
            default ->
                    throw new IllegalStateException(
                            "engine: the property "
                                    + Torch.ONE_DNN
                                    + " is '"
                                    + asked
                                    + "'; expected auto, on or off");
        };
    }

    /** Looks, and mends what it can. */
    static OneDnn look(Engine torch) {
        // The system asks the processor as oneDNN does; to look the object up takes a tenth of a
        // second, which no machine pays that shows its caches.
        return look(torch, !Files.exists(Path.of("/sys/devices/system/cpu/cpu0/cache/index0")));
    }

    /**
     * Looks, and mends what it can.
     *
     * @param hidden whether the processor's caches may be hidden
     */
    static OneDnn look(Engine torch, boolean hidden) {
        if (!isThere(torch)) {
            return OneDnn.UNUSED;
        }
        // Asked that, it has looked at the processor and made nothing yet. What it makes it keeps,
        // for other shapes too, so the caches come first and the check after them.
        Path library = torch.natives().resolve(System.mapLibraryName("torch_cpu"));
        boolean mended = hidden && CacheSizes.mend(library);
        if (!isRight(torch)) {
            return OneDnn.WRONG;
        }
        return mended ? OneDnn.MENDED : OneDnn.RIGHT;
    }

    /** Whether the library has it; asked that, it looks at the processor. */
    static boolean isThere(Engine torch) {
        try (Scope scope = torch.training(Device.cpu())) {
            torch.script(THERE, Device.cpu()).call(scope.manager(), "there");
            return true;
        } catch (RuntimeException e) {
            return false; // a libtorch without oneDNN does not know the name
        }
    }

    /** Convolutions and their gradients by oneDNN against those by plain products of matrices. */
    static boolean isRight(Engine torch) {
        Script script = torch.script(OFF, Device.cpu());
        for (int[] shape : SHAPES) {
            int out = shape[0];
            int in = shape[1];
            int side = shape[2];
            try (Scope scope = torch.training(Device.cpu())) {
                NDManager manager = scope.manager();
                NDArray x = scope.leaf(small(manager, new Shape(16, in, 9, 3)), true);
                NDArray w = scope.leaf(small(manager, new Shape(out, in, side, side)), true);
                // Whole numbers below 2^24: both are exact.
                if (script.call(manager, "off", x, w, side / 2).getFloat() != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /** -1, 0 and 1 in no regular order. */
    private static NDArray small(NDManager manager, Shape shape) {
        return manager.arange((int) shape.size())
                .toType(DataType.FLOAT32, false)
                .square()
                .mul(0.37f)
                .sin()
                .mul(1.4f)
                .round()
                .reshape(shape);
    }
}
