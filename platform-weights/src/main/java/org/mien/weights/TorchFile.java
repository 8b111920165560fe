// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mien.weights.Pickled.Storage;
import org.mien.weights.Pickled.View;

/**
 * What {@code torch.save} writes: since PyTorch 1.6 a zip file of a pickle and storages, before
 * that (and with {@code _use_new_zipfile_serialization=False}) five pickles and then the storages.
 * And pickles alone, whose tensors are arrays of NumPy.
 */
final class TorchFile {
    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final long PROTOCOL = 1001;

    /** Bytes of the storages, by key. */
    private final Map<String, Stretch> storages = new HashMap<>();

    private final Passed passed;
    private ByteOrder order = ByteOrder.LITTLE_ENDIAN;

    private TorchFile(Passed passed) {
        this.passed = passed;
    }

    /** Whether a zip file is one of torch.save or of torch.jit.save. */
    static boolean fits(Map<String, Stretch> entries) {
        return entries.keySet().stream().anyMatch(TorchFile::isPickle);
    }

    private static boolean isPickle(String name) {
        return name.equals("data.pkl") || name.endsWith("/data.pkl");
    }

    /**
     * Reads the zip layout.
     *
     * @param allowScript whether the data of a TorchScript program may be read
     */
    static Content zip(Map<String, Stretch> entries, boolean allowScript) throws BadWeights {
        String pickle =
                entries.keySet().stream()
                        .filter(TorchFile::isPickle)
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
        TorchFile file = new TorchFile(new Passed());
        Stretch byteOrder = entries.get(root + "byteorder");
        if (byteOrder != null && byteOrder.size() > 0 && byteOrder.bytes(0, 1).get(0) == 'b') {
            file.order = ByteOrder.BIG_ENDIAN;
        }
        String data = root + "data/";
        entries.forEach(
                (name, bytes) -> {
                    if (name.startsWith(data)) {
                        file.storages.put(name.substring(data.length()), bytes);
                    }
                });
        Meanings meanings = new Meanings(script, file.passed);
        Object found = new Pickle(new PickleInput(entries.get(pickle)), meanings).next();
        return script
                ? file.content("TorchScript (its data)", found, Networks.script(found, file.passed))
                : file.content("PyTorch (zip)", found, Networks.of(found, file.passed));
    }

    /** Reads the layout of before PyTorch 1.6, or a pickle alone. */
    static Content legacy(Stretch bytes) throws BadWeights {
        TorchFile file = new TorchFile(new Passed());
        PickleInput in = new PickleInput(bytes);
        Meanings meanings = new Meanings(false, file.passed);
        Pickle pickle = new Pickle(in, meanings);
        Object first = pickle.next();
        if (!MAGIC.equals(first)) {
            if (!meanings.sizes().isEmpty()) {
                throw new BadWeights(
                        "it is a pickle whose storages lie elsewhere; torch.save did not write it"
                                + " so");
            }
            return file.content("pickle", first, Networks.of(first, file.passed));
        }
        Object protocol = pickle.next();
        if (!protocol.equals(PROTOCOL)) {
            throw new BadWeights(
                    "its layout is " + Shown.shorten(protocol) + "; expected " + PROTOCOL);
        }
        if (pickle.next() instanceof Map<?, ?> system
                && Boolean.FALSE.equals(system.get("little_endian"))) {
            file.order = ByteOrder.BIG_ENDIAN;
        }
        Object found = pickle.next();
        if (!(pickle.next() instanceof List<?> keys)) {
            throw new BadWeights("it does not say which storages it has");
        }
        file.storages(bytes, in.position(), keys, meanings.sizes());
        return file.content("PyTorch (before 1.6)", found, Networks.of(found, file.passed));
    }

    /** The storages of the layout before 1.6: each its number of elements, and they. */
    private void storages(Stretch file, long first, List<?> keys, Map<String, Integer> sizes)
            throws BadWeights {
        long at = first;
        for (Object key : keys) {
            Integer size = key instanceof String ? sizes.get(key) : null;
            if (size == null) {
                throw new BadWeights("it has a storage that no tensor lies in");
            }
            if (size < 0) {
                throw new BadWeights("its storage '" + Shown.shorten(key) + "' has two types");
            }
            if (file.size() - at < 8) {
                throw new BadWeights(
                        "it ends before its storage '" + Shown.shorten(key) + "'; it was cut");
            }
            ByteBuffer length = file.bytes(at, 8).order(order);
            long count = length.getLong();
            at += 8;
            if (count < 0 || count > (file.size() - at) / size) {
                throw new BadWeights(
                        "its storage '"
                                + Shown.shorten(key)
                                + "' claims "
                                + count
                                + " elements of "
                                + size
                                + " bytes; "
                                + (file.size() - at)
                                + " bytes are left");
            }
            if (storages.put((String) key, file.part(at, count * size)) != null) {
                throw new BadWeights("it has the storage '" + Shown.shorten(key) + "' twice");
            }
            at += count * size;
        }
    }

    private Content content(String format, Object root, List<Networks.Found> found)
            throws BadWeights {
        if (found.isEmpty()) {
            throw new BadWeights(nothing(root));
        }
        List<Network> networks = new ArrayList<>();
        for (Networks.Found one : found) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (Map.Entry<String, Object> entry : one.tensors().entrySet()) {
                String name = Shown.shorten(entry.getKey());
                Tensor tensor =
                        entry.getValue() instanceof NumpyArray array
                                ? array.tensor(name)
                                : tensor(name, (View) entry.getValue());
                tensors.put(entry.getKey(), tensor);
            }
            networks.add(new Network(Shown.shorten(one.path()), tensors));
        }
        return new Content(format, networks, Map.of(), passed.words());
    }

    /** Why nothing in a file can be used. */
    private String nothing(Object root) {
        String what =
                root instanceof View || root instanceof NumpyArray
                        ? "it holds one tensor without a name; expected a state dict"
                        : root instanceof Map || root instanceof List
                                ? "it holds no tensors"
                                : "it holds no dictionary of tensors but "
                                        + Pickled.kind(root)
                                        + "; expected a state dict";
        List<String> words = passed.words();
        String rest =
                words.isEmpty()
                        ? ""
                        : ". Passed over as data: "
                                + String.join(", ", words)
                                + ". Nothing of it was run";
        boolean other = passed.has("qtensor") || passed.has("sparse") || passed.has("quantized");
        return what
                + rest
                + (other ? ". Quantised and sparse tensors are not read: save plain ones" : "");
    }

    private Tensor tensor(String name, View view) throws BadWeights {
        Storage storage = view.storage();
        Stretch bytes = storages.get(storage.key());
        if (bytes == null) {
            throw new BadWeights(
                    "the storage '"
                            + Shown.shorten(storage.key())
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
        return Tensor.of(name, view.type(), view.shape(), view.strides(), offset, bytes, order);
    }
}
