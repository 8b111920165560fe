// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mien.api.Feature;
import org.mien.api.net.Net;
import org.mien.api.net.Trunk;
import org.mien.api.net.Var;
import org.mien.engine.Scope;
import org.mien.engine.Torch;

/**
 * The arrays of a run's vars by path, on one device. Parts are added first, then filled; passes
 * read them, optimisers move them in place.
 */
public final class Weights implements AutoCloseable {
    /**
     * A var with its place.
     *
     * @param path its path
     * @param var the var
     * @param start where its start values lie in a file of weights or an earlier run
     */
    public record Entry(String path, Var var, String start) {}

    /** Where a net hangs: its path, and the feature of the stage that it lies in, or null. */
    record Place(String path, Feature grid) {}

    /** Of what is no net. */
    static final Place NOWHERE = new Place("", null);

    /** Where elements are read from, as often as somebody asks. */
    public interface Source {
        /**
         * Reads a stretch of the elements of a var, which are the same each time.
         *
         * @param entry the var
         * @param from number of the first, row by row
         * @param into filled with it and those that follow
         */
        void read(Entry entry, long from, float[] into);
    }

    /** Elements that are read at a time. */
    private static final int STRETCH = 1 << 17;

    private final NDManager store;
    private final DataType type;
    private final Prepared prepared = new Prepared(this);
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Map<Var, String> paths = new IdentityHashMap<>();
    private final Map<Net, Place> places = new IdentityHashMap<>();
    private final Set<String> frozen = new HashSet<>();
    private final Set<Net> held = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Var> heldVars = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<String, NDArray> arrays = new LinkedHashMap<>();
    private Source source;

    /**
     * Empty weights.
     *
     * @param device where they will lie
     */
    public Weights(Device device) {
        this(device, DataType.FLOAT32);
    }

    /**
     * Empty weights of a type. FLOAT64 is for comparing gradients with differences; images are then
     * of that type too.
     *
     * @param device where they will lie
     * @param type FLOAT32 or FLOAT64; start values are of 32 bits in both
     */
    public Weights(Device device, DataType type) {
        if (type != DataType.FLOAT32 && type != DataType.FLOAT64) {
            throw new IllegalArgumentException(
                    "weights of type " + type + "; expected FLOAT32 or FLOAT64");
        }
        store = Torch.get().store(device);
        this.type = type;
    }

    /**
     * Adds the vars of a part; they have no memory yet.
     *
     * @param path path of the part
     * @param net the part
     * @throws IllegalArgumentException when a path is taken
     */
    public void add(String path, Net net) {
        Map<Var, String> starts = new IdentityHashMap<>();
        net.eachStart(path, (start, var) -> starts.put(var, start));
        net.each(
                path,
                (place, var) -> {
                    Entry entry = new Entry(place, var, starts.get(var));
                    if (entries.putIfAbsent(place, entry) != null) {
                        throw new IllegalArgumentException(
                                "two vars have the path '" + place + "'");
                    }
                    if (paths.put(var, place) != null) {
                        throw new IllegalArgumentException(
                                "the net at '" + place + "' hangs in two places");
                    }
                });
        hang(path, null, net);
    }

    private void hang(String path, Feature grid, Net net) {
        places.putIfAbsent(net, new Place(path, grid));
        net.parts()
                .forEach(
                        (name, part) ->
                                hang(
                                        path + "." + name,
                                        net instanceof Trunk trunk ? trunk.feature(name) : grid,
                                        part));
    }

    /** Where a net hangs; nowhere for one without vars that was made while it runs. */
    Place place(Net net) {
        return places.getOrDefault(net, NOWHERE);
    }

    /**
     * Refuses the path of no net.
     *
     * @throws IllegalArgumentException with the paths that begin alike
     */
    void check(String path) {
        if (places.values().stream().noneMatch(place -> place.path().equals(path))) {
            int end = path.lastIndexOf('.');
            String within = end < 0 ? "" : path.substring(0, end + 1);
            List<String> beside =
                    places.values().stream()
                            .map(Place::path)
                            .filter(
                                    other ->
                                            other.startsWith(within)
                                                    && other.indexOf('.', within.length()) < 0)
                            .distinct()
                            .sorted()
                            .toList();
            throw new IllegalArgumentException(
                    "no net has the path '"
                            + path
                            + "'; "
                            + (beside.isEmpty() ? "nothing lies there" : "there are " + beside));
        }
    }

    /**
     * Holds a part still, because the pipeline says so: it gets its start values as ever, no phase
     * moves it, and in training it runs as in inference.
     *
     * @param net the part
     */
    public void hold(Net net) {
        held.add(net);
        net.each("", (path, var) -> heldVars.add(var));
        net.parts().values().forEach(this::hold);
    }

    /**
     * Whether a part is held still.
     *
     * @param net the part
     * @return true for what {@link #hold} was told, and for what lies in it
     */
    public boolean isHeld(Net net) {
        return held.contains(net);
    }

    /**
     * Whether a var is held still.
     *
     * @param var the var
     * @return true within a part that is
     */
    public boolean isHeld(Var var) {
        return heldVars.contains(var);
    }

    /**
     * Says that a part never moves, wherever it hangs; nothing when it hangs nowhere.
     *
     * @param net the part
     */
    public void freeze(Net net) {
        net.each(
                "",
                (place, var) -> {
                    if (paths.containsKey(var)) {
                        frozen.add(paths.get(var));
                    }
                });
    }

    /**
     * Whether a var never moves.
     *
     * @param path its path
     * @return true for a part that is frozen
     */
    public boolean isFrozen(String path) {
        return frozen.contains(path);
    }

    /**
     * Fills every var that has no array yet by its rule; a draw is a function of (seed, path).
     *
     * @param seed the run's seed
     */
    public void fill(long seed) {
        for (Entry entry : entries.values()) {
            if (!arrays.containsKey(entry.path())) {
                Var var = entry.var();
                float[] values = Start.values(var, seed, entry.path());
                arrays.put(entry.path(), laidOut(array(values, var.shape())));
            }
        }
    }

    /**
     * Says where the elements of vars come from that have no array: they are read when somebody
     * asks for them, and those that inference has made something else of are let go. For weights
     * that nobody moves; a prediction then holds each once.
     *
     * @param elements reads them
     */
    public synchronized void from(Source elements) {
        source = elements;
    }

    /**
     * Gives a var its values.
     *
     * @param path its path
     * @param values its elements, row by row
     * @param shape their axes
     * @throws IllegalArgumentException when there is no such var or its shape is another
     */
    public void set(String path, float[] values, long... shape) {
        Entry entry = entries.get(path);
        if (entry == null) {
            throw new IllegalArgumentException("no var has the path '" + path + "'");
        }
        if (!Arrays.equals(entry.var().shape(), shape)) {
            throw new IllegalArgumentException(
                    "'"
                            + path
                            + "' has shape "
                            + Arrays.toString(shape)
                            + "; expected "
                            + Arrays.toString(entry.var().shape()));
        }
        NDArray array = arrays.get(path);
        if (array == null) {
            arrays.put(path, laidOut(array(values, shape)));
        } else {
            try (NDArray value = array(values, shape)) {
                Operations.copy(array, value);
            }
            unprepare();
        }
    }

    private NDArray array(float[] values, long[] shape) {
        NDArray array = store.create(values, new Shape(shape));
        if (type == DataType.FLOAT32) {
            return array;
        }
        try (array) {
            return array.toType(type, true);
        }
    }

    /**
     * Gives an array of the store the layout that convolutions on its device are fastest with: on a
     * CPU the channels of a pixel lie side by side.
     */
    NDArray laidOut(NDArray array) {
        if (device().isGpu() || array.getShape().dimension() != 4) {
            return array;
        }
        try (array) {
            return Operations.call(array.getManager(), "channels_last", array);
        }
    }

    /**
     * Frees what inference on a CPU made of the arrays to be fast; it makes it again when it needs
     * it. To be called by whoever has moved an array, and when inference is over.
     */
    public void unprepare() {
        prepared.drop();
    }

    /** What inference reads instead of the arrays. */
    Prepared prepared() {
        return prepared;
    }

    /**
     * Everything there is, in the order it was added.
     *
     * @return path to var
     */
    public Map<String, Entry> entries() {
        return Collections.unmodifiableMap(entries);
    }

    /**
     * Where a var lies.
     *
     * @param var the var
     * @return its path
     * @throws IllegalArgumentException when its net was not added
     */
    public String path(Var var) {
        String path = paths.get(var);
        if (path == null) {
            throw new IllegalArgumentException(
                    "var "
                            + var
                            + " belongs to a net that hangs on no build; add it with build.part(..)"
                            + " or make it a part of one that is");
        }
        return path;
    }

    /**
     * The array of a var.
     *
     * @param path its path
     * @return the array; it is changed in place by updates
     */
    public synchronized NDArray array(String path) {
        NDArray array = arrays.get(path);
        if (array == null && source != null && entries.containsKey(path)) {
            Entry entry = entries.get(path);
            array = read(entry);
            arrays.put(path, array);
        }
        if (array == null) {
            throw new IllegalStateException("'" + path + "' was not filled");
        }
        return array;
    }

    private NDArray read(Entry entry) {
        long[] shape = entry.var().shape();
        if (device().isGpu() || type != DataType.FLOAT32) {
            return laidOut(array(elements(entry), shape));
        }
        boolean turned = shape.length == 4;
        long[] rows = turned ? new long[] {shape[0], shape[2], shape[3], shape[1]} : shape;
        NDArray array =
                Torch.get().filled(store, new Shape(rows), memory -> fill(entry, turned, memory));
        if (!turned) {
            return array;
        }
        try (array) {
            return array.transpose(0, 3, 1, 2);
        }
    }

    /** Writes elements a few rows at a time, of a convolution channels last. */
    private void fill(Entry entry, boolean turned, FloatBuffer memory) {
        long[] shape = entry.var().shape();
        int size = (int) entry.var().size();
        int row = shape.length == 0 ? 1 : (int) (size / Math.max(1, shape[0]));
        int channels = turned ? (int) shape[1] : row;
        int pixels = row / Math.max(1, channels);
        int stretch = Math.max(1, STRETCH / Math.max(1, row)) * row;
        for (int from = 0; from < size; from += stretch) {
            float[] some = new float[Math.min(stretch, size - from)];
            source.read(entry, from, some);
            float[] next = turned ? new float[some.length] : some;
            for (int at = 0; turned && at < some.length; at += row) {
                for (int c = 0; c < channels; c++) {
                    for (int p = 0; p < pixels; p++) {
                        next[at + p * channels + c] = some[at + c * pixels + p];
                    }
                }
            }
            memory.put(next);
        }
    }

    private float[] elements(Entry entry) {
        float[] elements = new float[(int) entry.var().size()];
        source.read(entry, 0, elements);
        return elements;
    }

    /** A leaf of a scope's graph that shares a var's memory and outlives its array. */
    synchronized NDArray leaf(String path, Scope scope, boolean gradient) {
        return scope.leaf(array(path), gradient);
    }

    /** Whether vars can be read again. */
    synchronized boolean canRead() {
        return source != null;
    }

    /** Frees the array of a var that can be read again. */
    synchronized void letGo(Var var) {
        NDArray array = source == null ? null : arrays.remove(path(var));
        if (array != null) {
            array.close();
        }
    }

    /**
     * Elements of a weight or of an optimiser's state. DJL would leave a copy behind with the owner
     * where they do not lie in rows.
     *
     * @param array any array of floats or doubles
     * @return its elements, row by row, rounded to 32 bits
     */
    public static float[] elements(NDArray array) {
        try (NDArray rows = Operations.call(array.getManager(), "rows", array)) {
            if (rows.getDataType() == DataType.FLOAT32) {
                return rows.toFloatArray();
            }
            try (NDArray rounded = rows.toType(DataType.FLOAT32, true)) {
                return rounded.toFloatArray();
            }
        }
    }

    /**
     * A copy of everything.
     *
     * @return path to elements, in order
     */
    public Map<String, float[]> copy() {
        Map<String, float[]> copy = new LinkedHashMap<>();
        if (source != null) {
            entries.forEach((path, entry) -> copy.put(path, elements(entry)));
        }
        arrays.forEach((path, array) -> copy.put(path, elements(array)));
        return copy;
    }

    /**
     * Puts a copy back.
     *
     * @param copy what {@link #copy} gave
     */
    public void restore(Map<String, float[]> copy) {
        copy.forEach((path, values) -> set(path, values, entries.get(path).var().shape()));
    }

    /**
     * Where they lie.
     *
     * @return the device
     */
    public Device device() {
        return store.getDevice();
    }

    NDManager store() {
        return store;
    }

    @Override
    public void close() {
        unprepare();
        store.close();
    }
}
