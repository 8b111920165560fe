// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.mien.weights.Pickle.Storage;
import org.mien.weights.Pickle.View;

/**
 * What {@code torch.save} writes: since PyTorch 1.6 a zip file of a pickle and storages, before
 * that (and with {@code _use_new_zipfile_serialization=False}) five pickles and then the storages.
 */
final class TorchFile {
    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final long PROTOCOL = 1001;
    private static final int MOST_TENSORS = 100_000;
    private static final int DEEPEST = 16;

    /** Where checkpoints keep the weights, the usual ones first. */
    private static final List<String> WRAPPERS =
            List.of(
                    "state_dict",
                    "model_state_dict",
                    "model",
                    "net",
                    "network",
                    "backbone",
                    "encoder",
                    "module",
                    "weights",
                    "params");

    /**
     * What was found.
     *
     * @param wrapper keys around the state dict, with dots; may be empty
     */
    record Content(String format, String wrapper, Map<String, Tensor> tensors) {}

    private record Dict(String path, Map<?, ?> entries, int tensors) {}

    private TorchFile() {}

    /** Whether a zip file is one of torch.save or of torch.jit.save. */
    static boolean fits(Map<String, Stretch> entries) {
        return entries.keySet().stream().anyMatch(name -> name.endsWith("data.pkl"));
    }

    /**
     * Reads the zip layout.
     *
     * @param allowScript whether the data of a TorchScript program may be read
     */
    static Content zip(Map<String, Stretch> entries, boolean allowScript) throws BadWeights {
        String pickle =
                entries.keySet().stream()
                        .filter(name -> name.equals("data.pkl") || name.endsWith("/data.pkl"))
                        .findFirst()
                        .orElseThrow(() -> new BadWeights("it holds no data.pkl"));
        String root = pickle.substring(0, pickle.length() - "data.pkl".length());
        boolean script =
                entries.keySet().stream()
                        .anyMatch(
                                name ->
                                        name.startsWith(root + "code/")
                                                || name.equals(root + "constants.pkl"));
        if (script && !allowScript) {
            throw new BadWeights(
                    "it is a TorchScript program, not a state dict. Save model.state_dict() in"
                            + " Python; or let an administrator set mien.weights.torchscript ="
                            + " allow in etc/custom.system.properties: then its data are read, and"
                            + " its code is still not run");
        }
        ByteOrder order = ByteOrder.LITTLE_ENDIAN;
        Stretch byteOrder = entries.get(root + "byteorder");
        if (byteOrder != null && byteOrder.size() > 0 && byteOrder.bytes(0, 1).get(0) == 'b') {
            order = ByteOrder.BIG_ENDIAN;
        }
        Object found = new Pickle(new PickleInput(entries.get(pickle)), script).next();
        Map<String, Stretch> storages = new HashMap<>();
        String data = root + "data/";
        entries.forEach(
                (name, bytes) -> {
                    if (name.startsWith(data)) {
                        storages.put(name.substring(data.length()), bytes);
                    }
                });
        if (script) {
            Map<String, View> views = new LinkedHashMap<>();
            int[] seen = {0};
            attributes(found, "", 0, views, seen);
            return content("TorchScript (its data)", "", views, storages, order);
        }
        Dict dict = weights(found);
        return content("PyTorch (zip)", dict.path(), views(dict), storages, order);
    }

    /** Reads the layout of before PyTorch 1.6. */
    static Content legacy(Stretch file) throws BadWeights {
        PickleInput in = new PickleInput(file);
        Pickle pickle = new Pickle(in, false);
        if (!MAGIC.equals(pickle.next())) {
            throw new BadWeights(
                    "it is a pickle that torch.save did not write. Load it in Python and save it"
                            + " with torch.save, or better with safetensors");
        }
        Object protocol = pickle.next();
        if (!protocol.equals(PROTOCOL)) {
            throw new BadWeights(
                    "its layout is " + Pickle.shorten(protocol) + "; expected " + PROTOCOL);
        }
        ByteOrder order = ByteOrder.LITTLE_ENDIAN;
        if (pickle.next() instanceof Map<?, ?> system
                && Boolean.FALSE.equals(system.get("little_endian"))) {
            order = ByteOrder.BIG_ENDIAN;
        }
        Object found = pickle.next();
        if (!(pickle.next() instanceof List<?> keys)) {
            throw new BadWeights("it does not say which storages it has");
        }
        Dict dict = weights(found);
        Map<String, View> views = views(dict);
        Map<String, Type> types = new HashMap<>();
        storageTypes(found, types, new int[1], 0);
        Map<String, Stretch> storages = new HashMap<>();
        long at = in.position();
        for (Object key : keys) {
            Type type = key instanceof String ? types.get(key) : null;
            if (type == null) {
                throw new BadWeights("it has a storage that no tensor lies in");
            }
            if (file.size() - at < 8) {
                throw new BadWeights("it ends before its storage '" + key + "'; it was cut");
            }
            ByteBuffer length = file.bytes(at, 8).order(order);
            long count = length.getLong();
            at += 8;
            if (count < 0 || count > (file.size() - at) / type.bytes()) {
                throw new BadWeights(
                        "its storage '"
                                + Pickle.shorten(key)
                                + "' claims "
                                + count
                                + " elements of "
                                + type.bytes()
                                + " bytes; "
                                + (file.size() - at)
                                + " bytes are left");
            }
            Stretch bytes =
                    Stretch.stored(file.channel(), file.offset() + at, count * type.bytes());
            if (storages.put((String) key, bytes) != null) {
                throw new BadWeights("it has the storage '" + Pickle.shorten(key) + "' twice");
            }
            at += bytes.size();
        }
        return content("PyTorch (before 1.6)", dict.path(), views, storages, order);
    }

    /** Storages are sized by their types, also those of tensors that are not taken. */
    private static void storageTypes(Object value, Map<String, Type> types, int[] seen, int depth)
            throws BadWeights {
        visit(seen, depth);
        if (value instanceof View view) {
            Storage storage = view.storage();
            Type type = storage.type() == null ? Type.U8 : storage.type();
            Type other = types.put(storage.key(), type);
            if (other != null && other.bytes() != type.bytes()) {
                throw new BadWeights(
                        "its storage '" + Pickle.shorten(storage.key()) + "' has two types");
            }
        } else if (value instanceof Map<?, ?> map) {
            for (Object one : map.values()) {
                storageTypes(one, types, seen, depth + 1);
            }
        } else if (value instanceof List<?> list) {
            for (Object one : list) {
                storageTypes(one, types, seen, depth + 1);
            }
        }
    }

    private static void visit(int[] seen, int depth) throws BadWeights {
        if (depth > DEEPEST) {
            throw new BadWeights(
                    "its dictionaries and lists are nested deeper than "
                            + DEEPEST
                            + ", or hold themselves");
        }
        if (++seen[0] > 1_000_000) {
            throw new BadWeights("its dictionaries and lists hold over a million values");
        }
    }

    private static Dict weights(Object root) throws BadWeights {
        if (root instanceof View) {
            throw new BadWeights("it holds one tensor without a name; expected a state dict");
        }
        if (!(root instanceof Map<?, ?> map)) {
            throw new BadWeights("it holds no dictionary of tensors; expected a state dict");
        }
        List<Dict> all = new ArrayList<>();
        collect(new ArrayDeque<>(), map, all, new int[1]);
        if (all.isEmpty()) {
            throw new BadWeights("it holds no tensors");
        }
        for (String wrapper : WRAPPERS) {
            for (Dict dict : all) {
                if (dict.path().equals(wrapper) || dict.path().endsWith("." + wrapper)) {
                    return dict;
                }
            }
        }
        return all.stream()
                .filter(dict -> !("." + dict.path() + ".").contains(".optimizer."))
                .max((a, b) -> Integer.compare(a.tensors(), b.tensors()))
                .orElse(all.get(0));
    }

    /**
     * Dictionaries that hold tensors by name, the outer ones first.
     *
     * @param path keys around the map
     */
    private static void collect(Deque<String> path, Map<?, ?> map, List<Dict> all, int[] seen)
            throws BadWeights {
        visit(seen, path.size());
        int tensors = 0;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            visit(seen, path.size());
            tensors += entry.getKey() instanceof String && entry.getValue() instanceof View ? 1 : 0;
        }
        if (tensors > 0) {
            String words = path.stream().map(Pickle::shorten).collect(Collectors.joining("."));
            all.add(new Dict(words, map, tensors));
        }
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (entry.getKey() instanceof String key && entry.getValue() instanceof Map<?, ?> in) {
                path.addLast(key);
                collect(path, in, all, seen);
                path.removeLast();
            }
        }
    }

    private static Map<String, View> views(Dict dict) {
        Map<String, View> views = new LinkedHashMap<>();
        dict.entries()
                .forEach(
                        (key, value) -> {
                            if (key instanceof String name && value instanceof View view) {
                                views.put(name, view);
                            }
                        });
        return views;
    }

    private static void attributes(
            Object value, String path, int depth, Map<String, View> views, int[] seen)
            throws BadWeights {
        visit(seen, depth);
        if (value instanceof View view) {
            views.put(path, view);
        } else if (value instanceof Pickle.ScriptObject object
                && object.state instanceof Map<?, ?> state) {
            for (Map.Entry<?, ?> entry : state.entrySet()) {
                if (entry.getKey() instanceof String key) {
                    attributes(
                            entry.getValue(),
                            path.isEmpty() ? key : path + "." + key,
                            depth + 1,
                            views,
                            seen);
                }
            }
        }
    }

    private static Content content(
            String format,
            String wrapper,
            Map<String, View> views,
            Map<String, Stretch> storages,
            ByteOrder order)
            throws BadWeights {
        if (views.isEmpty()) {
            throw new BadWeights("it holds no tensors");
        }
        if (views.size() > MOST_TENSORS) {
            throw new BadWeights("it holds over " + MOST_TENSORS + " tensors");
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Map.Entry<String, View> entry : views.entrySet()) {
            String name = Pickle.shorten(entry.getKey());
            View view = entry.getValue();
            Storage storage = view.storage();
            Stretch bytes = storages.get(storage.key());
            if (bytes == null) {
                throw new BadWeights(
                        "the storage '"
                                + Pickle.shorten(storage.key())
                                + "' of '"
                                + name
                                + "' is missing");
            }
            int size = storage.type() == null ? 1 : storage.type().bytes();
            long there = bytes.size() / size;
            if (storage.count() < 0
                    || storage.offset() < 0
                    || storage.count() > there
                    || storage.offset() > there - storage.count()) {
                throw new BadWeights(
                        "the storage of '"
                                + name
                                + "' claims "
                                + storage.count()
                                + " elements; it has "
                                + there);
            }
            long offset;
            try {
                // Only tensors of typed storages lie in a part of one.
                offset = Math.addExact(view.offset(), storage.offset());
            } catch (ArithmeticException e) {
                throw new BadWeights("'" + name + "' lies outside its storage");
            }
            tensors.put(
                    entry.getKey(),
                    Tensor.of(
                            name, view.type(), view.shape(), view.strides(), offset, bytes, order));
        }
        return new Content(format, wrapper, tensors);
    }
}
