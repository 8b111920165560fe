// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mien.weights.Pickled.Name;
import org.mien.weights.Pickled.ScriptObject;
import org.mien.weights.Pickled.Storage;
import org.mien.weights.Pickled.View;

/**
 * What the names of a pickle stand for: tensors, storages, arrays of NumPy and Python's own
 * containers. Any other name stands for an {@link Inert} object, which has what it was given and
 * does nothing. There is no way from here to code.
 */
final class Meanings {
    private static final Map<String, Type> STORAGES =
            Map.ofEntries(
                    Map.entry("DoubleStorage", Type.F64),
                    Map.entry("FloatStorage", Type.F32),
                    Map.entry("HalfStorage", Type.F16),
                    Map.entry("BFloat16Storage", Type.BF16),
                    Map.entry("LongStorage", Type.I64),
                    Map.entry("IntStorage", Type.I32),
                    Map.entry("ShortStorage", Type.I16),
                    Map.entry("CharStorage", Type.I8),
                    Map.entry("ByteStorage", Type.U8),
                    Map.entry("BoolStorage", Type.BOOL));

    /** Storages whose elements are not read, and their bytes, by which the next one is found. */
    private static final Map<String, Integer> UNREAD =
            Map.of(
                    "UntypedStorage", 1,
                    "ComplexFloatStorage", 8,
                    "ComplexDoubleStorage", 16,
                    "QInt8Storage", 1,
                    "QUInt8Storage", 1,
                    "QInt32Storage", 4,
                    "QUInt4x2Storage", 1,
                    "QUInt2x4Storage", 1);

    private static final Map<String, Type> TYPES =
            Map.ofEntries(
                    Map.entry("float64", Type.F64),
                    Map.entry("float32", Type.F32),
                    Map.entry("float16", Type.F16),
                    Map.entry("bfloat16", Type.BF16),
                    Map.entry("int64", Type.I64),
                    Map.entry("int32", Type.I32),
                    Map.entry("int16", Type.I16),
                    Map.entry("int8", Type.I8),
                    Map.entry("uint64", Type.U64),
                    Map.entry("uint32", Type.U32),
                    Map.entry("uint16", Type.U16),
                    Map.entry("uint8", Type.U8),
                    Map.entry("bool", Type.BOOL));

    /** Plain values of which there is nothing to tell. */
    private static final Set<String> QUIET =
            Set.of(
                    "torch.device",
                    "numpy.core.multiarray.scalar",
                    "numpy._core.multiarray.scalar",
                    "torch.serialization._get_layout");

    private final boolean script;
    private final Passed passed;
    private final Map<String, Integer> sizes = new HashMap<>();

    /**
     * What names stand for.
     *
     * @param script whether objects of TorchScript are known
     * @param passed told what stands for nothing here
     */
    Meanings(boolean script, Passed passed) {
        this.script = script;
        this.passed = passed;
    }

    /** Bytes of an element of each storage that was mentioned; -1 where they are told twice. */
    Map<String, Integer> sizes() {
        return sizes;
    }

    /** What stands where a pickle asks for a call. */
    Object called(Object what, List<Object> given) throws BadWeights {
        if (what instanceof Inert inert) {
            return inert("a result of " + inert.name, given);
        }
        if (!(what instanceof Name name)) {
            throw new BadWeights(
                    "its pickle calls " + Pickled.kind(what) + ". Nothing of it was run");
        }
        if (name.module().startsWith("__torch__")) {
            if (!script) {
                throw new BadWeights("its pickle has objects of a TorchScript program");
            }
            return new ScriptObject();
        }
        String full = name.toString().replaceFirst("^(__builtin__|copy_reg)\\.", "");
        full = full.replaceFirst("^(builtins|copyreg)\\.", "");
        return switch (full) {
            case "collections.OrderedDict", "dict" -> dictionary(given);
            case "collections.defaultdict" -> new LinkedHashMap<>(0);
            case "torch.Size", "list", "tuple", "set", "frozenset" -> elements(full, given);
            case "_codecs.encode", "bytes", "bytearray" -> bytes(given);
            case "_reconstructor" -> {
                Object of = argument(full, given, 0);
                yield inert(of instanceof Name one ? one.toString() : full, List.of());
            }
            case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2" ->
                    view(given, false);
            case "torch._utils._rebuild_tensor_v3" -> view(given, true);
            case "torch._utils._rebuild_parameter",
                    "torch._utils._rebuild_parameter_with_state",
                    "torch.nn.parameter.Parameter",
                    "torch.nn.parameter.Buffer",
                    "torch.jit._pickle.build_intlist",
                    "torch.jit._pickle.build_doublelist",
                    "torch.jit._pickle.build_boollist",
                    "torch.jit._pickle.build_tensorlist",
                    "torch.jit._pickle.restore_type_tag" ->
                    argument(full, given, 0);
            case "torch._tensor._rebuild_from_type", "torch._tensor._rebuild_from_type_v2" ->
                    called(argument(full, given, 0), list(argument(full, given, 2)));
            case "numpy.dtype" -> new NumpyArray.Elements(given);
            case "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct" ->
                    new NumpyArray();
            case "numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer" ->
                    NumpyArray.of(given);
            default -> inert(name.toString(), given);
        };
    }

    private Inert inert(String name, List<Object> given) {
        if (!QUIET.contains(name)) {
            passed.add(name);
        }
        return new Inert(name, given);
    }

    /** Attributes are set. */
    void build(Object target, Object state) throws BadWeights {
        if (target instanceof ScriptObject object) {
            object.state = state;
        } else if (target instanceof Inert inert) {
            inert.state = state;
        } else if (target instanceof NumpyArray array) {
            array.state(state);
        } else if (target instanceof NumpyArray.Elements type) {
            type.state(state);
        } else if (!(target instanceof Map) && !(target instanceof View)) {
            throw new BadWeights(
                    "its pickle sets the state of "
                            + Pickled.kind(target)
                            + ". Nothing of it was run");
        }
    }

    /** What lies outside the pickle: a storage, or the class of a module with its source. */
    Object persistent(Object id) throws BadWeights {
        if (!(id instanceof List<?> parts) || parts.isEmpty()) {
            return inert("something outside the pickle", List.of());
        }
        if ("module".equals(parts.get(0)) && parts.size() > 1) {
            return parts.get(1);
        }
        if (!"storage".equals(parts.get(0))) {
            return inert("something outside the pickle", List.of());
        }
        return storage(parts);
    }

    @SuppressWarnings("unchecked")
    private static List<Object> list(Object value) {
        return (List<Object>) value;
    }

    private static Object argument(String name, List<?> given, int at) throws BadWeights {
        if (given.size() <= at) {
            throw new BadWeights("its pickle gives " + given.size() + " values to '" + name + "'");
        }
        return given.get(at);
    }

    private static Map<Object, Object> dictionary(List<Object> given) throws BadWeights {
        Map<Object, Object> map = new LinkedHashMap<>(0);
        if (!given.isEmpty() && given.get(0) instanceof Map<?, ?> other) {
            map.putAll(other);
        } else if (!given.isEmpty()) {
            for (Object pair : list(given.get(0))) {
                List<Object> both = list(pair);
                Pickled.put(map, argument("dict", both, 0), argument("dict", both, 1));
            }
        }
        return map;
    }

    private static Object elements(String name, List<Object> given) throws BadWeights {
        if (given.isEmpty()) {
            return new ArrayList<>(0);
        }
        Object all = argument(name, given, 0);
        return all instanceof List ? all : new Inert(name, given);
    }

    private Object bytes(List<Object> given) {
        if (given.isEmpty()) {
            return new Bytes(Stretch.of(new byte[0]), false);
        }
        if (given.get(0) instanceof String text) {
            byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
            return new Bytes(Stretch.of(bytes), false);
        }
        return given.get(0) instanceof Bytes ? given.get(0) : new Inert("bytes", given);
    }

    private Object view(List<Object> given, boolean third) throws BadWeights {
        String who = "_rebuild_tensor";
        if (!(argument(who, given, 0) instanceof Storage storage)) {
            if (given.get(0) instanceof Inert unread) {
                return unread;
            }
            throw new BadWeights("its pickle has a tensor on " + Pickled.kind(given.get(0)));
        }
        Type type = storage.type();
        if (third) {
            Name name = (Name) argument(who, given, 6);
            type = TYPES.get(name.name());
            if (type == null) {
                return inert("a tensor of " + name, List.of());
            }
        }
        if (type == null) {
            throw new BadWeights("its pickle has a tensor without a type");
        }
        return new View(
                storage,
                type,
                Pickled.whole("offset", argument(who, given, 1)),
                Pickled.axes("shape", argument(who, given, 2)),
                Pickled.axes("strides", argument(who, given, 3)));
    }

    /** ('storage', type, key, location, count[, view]) of torch.save. */
    private Object storage(List<?> id) throws BadWeights {
        if (id.size() < 5 || !(id.get(1) instanceof Name name)) {
            throw new BadWeights("its pickle refers to something that is no storage");
        }
        if (!(id.get(2) instanceof String key)) {
            throw new BadWeights("its pickle refers to a storage without a name");
        }
        long count = Pickled.whole("storage", id.get(4));
        long offset = 0;
        if (id.size() > 5 && id.get(5) instanceof List<?> view && view.size() == 3) {
            offset = Pickled.whole("storage's offset", view.get(1));
            count = Pickled.whole("storage's size", view.get(2));
        }
        Type type = STORAGES.get(name.name());
        Integer bytes = type == null ? UNREAD.get(name.name()) : Integer.valueOf(type.bytes());
        if (bytes == null) {
            throw new BadWeights("its pickle has a storage of '" + Shown.shorten(name) + "'");
        }
        sizes.merge(key, bytes, (one, other) -> one.equals(other) ? one : Integer.valueOf(-1));
        if (type == null && !name.name().equals("UntypedStorage")) {
            return inert("a tensor of " + name, List.of());
        }
        return new Storage(type, key, offset, count);
    }
}
