// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package ai.djl.pytorch.engine;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.util.function.Consumer;

/**
 * Stands in for DJL's class of this name: what {@link #create(Buffer, Shape, DataType)} makes on a
 * CPU lies in libtorch's memory. DJL lets the array use a Java buffer, which is free to be
 * collected once the array is closed, and {@code x.mul(2f)} makes and closes an array of the 2
 * while the gradient still needs it: the gradient was then computed from whatever lay there by that
 * time. All else is as in DJL.
 */
public class PtNDManager extends BaseNDManager {
    /** Elements of an array from which on it matters that its memory is used again. */
    private static final int LARGE = 1 << 18;

    /**
     * Elements more than a large array needs. Glibc looks for room for an aligned block as if it
     * were larger, and would not find that of a block of the same size that was freed.
     */
    private static final int ROOM = 64;

    private static final PtNDManager SYSTEM = new SystemManager();

    private PtNDManager(NDManager parent, Device device) {
        super(parent, device);
    }

    static PtNDManager getSystemManager() {
        return SYSTEM;
    }

    @Override
    public ByteBuffer allocateDirect(int capacity) {
        return ByteBuffer.allocateDirect(capacity).order(ByteOrder.nativeOrder());
    }

    @Override
    public PtNDArray from(NDArray array) {
        if (array == null || array instanceof PtNDArray) {
            return (PtNDArray) array;
        }
        PtNDArray result = create(array.toByteBuffer(), array.getShape(), array.getDataType());
        result.setName(array.getName());
        return result;
    }

    @Override
    public PtNDArray create(Shape shape, DataType dataType) {
        return JniUtils.createEmptyNdArray(this, shape, dataType, device, SparseFormat.DENSE);
    }

    /**
     * Copies a buffer from its position on.
     *
     * @param data its elements; an array on a CPU does not refer to it afterwards
     * @param shape their axes
     * @param dataType their type
     * @return the array
     */
    @Override
    public PtNDArray create(Buffer data, Shape shape, DataType dataType) {
        int size = Math.toIntExact(shape.size());
        BaseNDManager.validateBuffer(data, dataType, size);
        if (device.isGpu()) {
            ByteBuffer bytes = allocateDirect(Math.multiplyExact(size, dataType.getNumOfBytes()));
            copyBuffer(data.duplicate(), bytes);
            return JniUtils.createNdFromByteBuffer(
                    this, bytes, shape, dataType, SparseFormat.DENSE, device);
        }
        return filled(shape, dataType, bytes -> copyBuffer(data.duplicate(), bytes));
    }

    /**
     * An array on a CPU whose memory is written in place.
     *
     * @param shape its axes
     * @param dataType its type
     * @param fill writes its elements, row by row, into memory that is gone with the array
     * @return the array
     */
    public PtNDArray filled(Shape shape, DataType dataType, Consumer<ByteBuffer> fill) {
        int size = Math.toIntExact(shape.size());
        if (size < LARGE) {
            PtNDArray array = create(shape, dataType);
            if (size > 0) {
                fill.accept(JniUtils.getByteBuffer(array, true));
            }
            return array;
        }
        try (PtNDArray roomy = create(new Shape(size + ROOM), dataType)) {
            fill.accept(JniUtils.getByteBuffer(roomy, true));
            try (NDArray exact = JniUtils.slice(roomy, 0, 0, size, 1)) {
                return (PtNDArray) exact.reshape(shape);
            }
        }
    }

    @Override
    public NDArray create(String[] data, Charset charset, Shape shape) {
        return new PtNDArray(this, data, shape);
    }

    @Override
    public NDArray createCoo(Buffer data, long[][] indices, Shape shape) {
        try (NDArray values = create(data, new Shape(indices[0].length));
                NDArray at = create(indices)) {
            return JniUtils.createSparseCoo((PtNDArray) at, (PtNDArray) values, shape);
        }
    }

    @Override
    public NDArray zeros(Shape shape, DataType dataType) {
        return JniUtils.createZerosNdArray(this, shape, dataType, device, SparseFormat.DENSE);
    }

    @Override
    public NDArray ones(Shape shape, DataType dataType) {
        return JniUtils.createOnesNdArray(this, shape, dataType, device, SparseFormat.DENSE);
    }

    @Override
    public NDArray full(Shape shape, float value, DataType dataType) {
        return JniUtils.full(this, shape, value, dataType, device, SparseFormat.DENSE);
    }

    @Override
    public NDArray arange(int start, int stop, int step, DataType dataType) {
        return arange((float) start, (float) stop, (float) step, dataType, device);
    }

    @Override
    public NDArray arange(float start, float stop, float step, DataType dataType) {
        if (Math.signum(stop - start) != Math.signum(step)) {
            return create(new Shape(0), dataType, device);
        }
        return JniUtils.arange(this, start, stop, step, dataType, device, SparseFormat.DENSE);
    }

    @Override
    public NDArray eye(int rows, int columns, int diagonal, DataType dataType) {
        if (diagonal != 0) {
            throw new UnsupportedOperationException(
                    "eye with diagonal " + diagonal + "; expected 0");
        }
        return JniUtils.eye(this, rows, columns, dataType, device, SparseFormat.DENSE);
    }

    @Override
    public NDArray linspace(float start, float stop, int count, boolean endpoint) {
        if (!endpoint) {
            throw new UnsupportedOperationException("linspace without its end; expected with it");
        }
        return JniUtils.linspace(
                this, start, stop, count, DataType.FLOAT32, device, SparseFormat.DENSE);
    }

    @Override
    public NDArray randomInteger(long low, long high, Shape shape, DataType dataType) {
        return JniUtils.randint(this, low, high, shape, dataType, device);
    }

    @Override
    public NDArray randomPermutation(long count) {
        return JniUtils.randperm(this, count, DataType.INT64, device);
    }

    @Override
    public NDArray randomUniform(float low, float high, Shape shape, DataType dataType) {
        return JniUtils.uniform(this, low, high, shape, dataType, device);
    }

    @Override
    public NDArray randomNormal(float mean, float deviation, Shape shape, DataType dataType) {
        return JniUtils.normal(this, mean, deviation, shape, dataType, device);
    }

    @Override
    public NDArray hanningWindow(long count) {
        return JniUtils.hannWindow(this, count, true, device);
    }

    @Override
    public PtNDManager newSubManager(Device of) {
        PtNDManager manager = new PtNDManager(this, of);
        attachUncappedInternal(manager.uid, manager);
        return manager;
    }

    @Override
    public final Engine getEngine() {
        return Engine.getEngine(PtEngine.ENGINE_NAME);
    }

    /** The manager above all others. */
    private static final class SystemManager extends PtNDManager implements SystemNDManager {
        SystemManager() {
            super(null, null);
        }
    }
}
