// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.engine;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.ManagedArrays;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtEngine;
import ai.djl.pytorch.engine.PtEngineProvider;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The running engine: one for a process. In OSGi it is a service, registered once the natives are
 * loaded; who references it can compute.
 */
public final class Torch implements OneDnnCheck.Engine {
    /**
     * Property of the JVM: {@code on} or {@code off}, whether oneDNN computes; without it, {@code
     * auto}, what a check at the start finds right.
     */
    public static final String ONE_DNN = "mien.onednn";

    private static Torch started;

    private final NDManager root;
    private final Path natives;
    private final OneDnn oneDnn;
    private final Threads threads = new Threads(this::parallel);

    private Torch(NDManager root, Path natives) {
        this.root = root;
        this.natives = natives;
        oneDnn =
                OneDnnCheck.decide(
                        System.getProperty(ONE_DNN, "auto"),
                        () -> onItsOwn(() -> OneDnnCheck.look(this)));
    }

    /**
     * On a thread that ends. The team of native threads that computes for a thread lives as long as
     * that; were it kept, the teams of others would not spin while they wait, see {@link Threads}.
     */
    private static <T> T onItsOwn(Supplier<T> work) {
        FutureTask<T> task = new FutureTask<>(work::get);
        Thread thread = new Thread(task, "mien-engine");
        thread.setContextClassLoader(Torch.class.getClassLoader());
        thread.start();
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("engine: interrupted while it started", e);
        }
    }

    private void parallel() {
        try (Scope scope = inference(Device.cpu())) {
            scope.manager().ones(new Shape(1 << 20)).sum().getFloat();
        }
    }

    /**
     * Starts the engine, or returns the one already started.
     *
     * @param natives folder with libtorch and libdjl_torch of one version
     * @return the engine
     * @throws IllegalStateException when the folder lacks a library or a library does not load
     */
    public static synchronized Torch start(Path natives) {
        if (started != null) {
            return started;
        }
        for (String library : new String[] {"torch", "torch_cpu", "c10", "djl_torch"}) {
            Path file = natives.resolve(System.mapLibraryName(library));
            if (!Files.isRegularFile(file)) {
                throw new IllegalStateException(
                        "engine: "
                                + file
                                + " is missing; expected libtorch and libdjl_torch in one folder."
                                + " Build the distribution again, or set mien.torch to such a"
                                + " folder");
            }
        }
        System.setProperty("PYTORCH_LIBRARY_PATH", natives.toString());
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        System.setProperty("ai.djl.default_engine", PtEngine.ENGINE_NAME);
        System.setProperty("ai.djl.pytorch.graph_optimizer", "false");
        // DJL looks its engine, its resources and its JNI up by the thread's loader, once for ever.
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(Torch.class.getClassLoader());
        try {
            Engine.registerEngine(new PtEngineProvider());
            NDManager root = Engine.getEngine(PtEngine.ENGINE_NAME).newBaseManager(Device.cpu());
            root.setName("mien");
            checkThatArraysAreCopies(root);
            started = new Torch(root, natives);
            return started;
        } catch (RuntimeException | LinkageError e) {
            throw new IllegalStateException(
                    "engine: the natives in " + natives + " do not work: " + e.getMessage(), e);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** With DJL's own manager of arrays, gradients are wrong now and then. */
    private static void checkThatArraysAreCopies(NDManager manager) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(1);
        try (NDArray array = manager.create(buffer, new Shape(1), DataType.INT8)) {
            buffer.put(0, (byte) 1);
            if (array.toByteArray()[0] != 0) {
                throw new IllegalStateException(
                        "DJL's class PtNDManager was found before ours. Put platform-engine before"
                                + " ai.djl.pytorch:pytorch-engine on the class path");
            }
        }
    }

    /**
     * Whether it was started by this class loader.
     *
     * @return true after {@link #start} has returned
     */
    public static synchronized boolean isStarted() {
        return started != null;
    }

    /**
     * The started engine.
     *
     * @return the engine
     * @throws IllegalStateException when it was not started
     */
    public static synchronized Torch get() {
        if (started == null) {
            throw new IllegalStateException("engine: not started; reference the Torch service");
        }
        return started;
    }

    /**
     * Version of libtorch.
     *
     * @return for example {@code 2.7.1}
     */
    public String version() {
        return Engine.getEngine(PtEngine.ENGINE_NAME).getVersion();
    }

    /**
     * How much of what is computed on a CPU can be left to oneDNN, see {@link #ONE_DNN}.
     *
     * @return what the property says, or what the check at the start found
     */
    public OneDnn oneDnn() {
        return oneDnn;
    }

    /**
     * Where the natives lie.
     *
     * @return the folder
     */
    @Override
    public Path natives() {
        return natives;
    }

    /**
     * Native threads of the operations of the thread that calls.
     *
     * @return number of threads
     */
    public int threads() {
        return threads.now();
    }

    /**
     * Native threads of one operation where nobody asks for a number: as many as there are
     * processors, or as OMP_NUM_THREADS says.
     *
     * @return number of threads
     */
    public int allThreads() {
        return threads.most();
    }

    /**
     * Whether threads yield while they wait for each other, since other processes need processors.
     *
     * @return false where they spin, which is faster where nobody else computes
     */
    public boolean crowded() {
        return threads.crowded();
    }

    /**
     * Asks for a number of native threads for the operations of the thread that calls. Results
     * differ in their last bits with it. While anyone holds a lease, other processes are watched,
     * and threads yield while they wait for each other where those need processors.
     *
     * @param number from 1; 0 for what is free, looked at again twice a second
     * @return what the same thread closes when it has computed
     */
    public ThreadLease threads(int number) {
        return threads.lease(number);
    }

    /**
     * The device a key names.
     *
     * @param key {@code auto}, {@code cpu} or {@code cuda:N}
     * @return the device; for {@code auto} the first GPU, or the CPU where there is none
     * @throws IllegalArgumentException in words, when there is no such device
     */
    public Device device(String key) {
        String name = key.trim().toLowerCase(Locale.ROOT);
        int gpus = gpus();
        switch (name) {
            case "cpu":
                return Device.cpu();
            case "auto":
                return gpus > 0 ? Device.gpu(0) : Device.cpu();
            default:
                if (!name.matches("cuda(:\\d{1,4})?")) {
                    throw new IllegalArgumentException(
                            "device '" + key + "' is unknown; expected auto, cpu or cuda:N");
                }
        }
        int number = name.equals("cuda") ? 0 : Integer.parseInt(name.substring(5));
        if (number >= gpus) {
            throw new IllegalArgumentException(
                    "device '"
                            + key
                            + "': "
                            + (gpus == 0
                                    ? "no GPU was found (" + whyNoGpu() + ")"
                                    : "there are " + gpus + " GPUs, numbered from 0")
                            + ". Use auto or cpu");
        }
        return Device.gpu(number);
    }

    /**
     * GPUs that libtorch can use.
     *
     * @return number of GPUs
     */
    public int gpus() {
        if (!hasCudaLibrary()) {
            return 0;
        }
        return Engine.getEngine(PtEngine.ENGINE_NAME).getGpuCount();
    }

    private String whyNoGpu() {
        return hasCudaLibrary()
                ? "libtorch has CUDA, the driver shows no device"
                : "libtorch in " + natives + " is built for the CPU";
    }

    private boolean hasCudaLibrary() {
        return Files.exists(natives.resolve(System.mapLibraryName("torch_cuda")));
    }

    /**
     * Opens a training scope on this thread: gradients are recorded until it is closed.
     *
     * @param device where its arrays lie
     * @return the scope
     */
    @Override
    public Scope training(Device device) {
        threads.adopt();
        return new Scope(root.newSubManager(device), true);
    }

    /**
     * Opens an inference scope on this thread: no gradient is recorded until it is closed.
     *
     * @param device where its arrays lie
     * @return the scope
     */
    public Scope inference(Device device) {
        threads.adopt();
        return new Scope(root.newSubManager(device), false);
    }

    /**
     * A manager for arrays that outlive steps: weights, optimiser states. Whoever asks closes it.
     *
     * @param device where its arrays lie
     * @return the manager
     */
    public NDManager store(Device device) {
        return root.newSubManager(device);
    }

    /**
     * An array of 32-bit numbers on a CPU whose memory is written in place, so that its elements
     * are nowhere else.
     *
     * @param owner its owner
     * @param shape its axes
     * @param fill writes the elements, row by row; what it is given is gone with the array
     * @return the array
     */
    public NDArray filled(NDManager owner, Shape shape, Consumer<FloatBuffer> fill) {
        return ((PtNDManager) owner)
                .filled(
                        shape,
                        DataType.FLOAT32,
                        bytes -> fill.accept(bytes.order(ByteOrder.nativeOrder()).asFloatBuffer()));
    }

    /**
     * Native arrays alive under this engine, and results of scripts that are {@link Held}.
     *
     * @return number of arrays
     */
    public long arrays() {
        return ManagedArrays.count(root) + Held.alive();
    }

    /**
     * Native arrays that belong to no scope and no store: somebody attached them to what outlives
     * his step.
     *
     * @return number of arrays
     */
    public long strays() {
        return ManagedArrays.strays(root);
    }

    /**
     * Loads operations written as TorchScript source; they live as long as the engine.
     *
     * @param methods the methods of one class, indented by two spaces
     * @param device where constants lie
     * @return the loaded script
     */
    @Override
    public Script script(String methods, Device device) {
        try {
            PtNDManager owner = (PtNDManager) root.newSubManager(device);
            return new Script(JniUtils.loadModule(owner, ScriptArchive.of(methods), false, false));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
