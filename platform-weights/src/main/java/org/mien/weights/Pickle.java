// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Reads a pickle (Python's pickletools, protocols 0 to 5) as data. It knows the operations that
 * build dictionaries, lists, tuples, text and numbers, and a list of names that stand for tensors;
 * nothing is called, loaded or run. Every other name and operation ends the reading.
 *
 * <p>Text is String, whole numbers Long or BigInteger, others Double; then Boolean, {@link #NONE},
 * List (also for tuples), Map, {@link View}, {@link Name}. What only fills space is {@link #OTHER}.
 */
final class Pickle {
    /** Python's None. */
    static final Object NONE =
            new Object() {
                @Override
                public String toString() {
                    return "None";
                }
            };

    /** Something that is of no interest here, and not looked into. */
    static final Object OTHER =
            new Object() {
                @Override
                public String toString() {
                    return "an object";
                }
            };

    /** A name that the pickle mentions and that is known. */
    record Name(String module, String name) {
        @Override
        public String toString() {
            return module + "." + name;
        }
    }

    /** A tensor: a view of a storage. */
    record View(Storage storage, Type type, long offset, long[] shape, long[] strides) {}

    /**
     * Elements without a shape.
     *
     * @param type null for bytes without a type
     * @param key its name in the file
     * @param offset elements before its first, where it is a part of the storage of that name
     * @param count elements
     */
    record Storage(Type type, String key, long offset, long count) {}

    /** An object of a TorchScript program: its attributes. */
    static final class ScriptObject {
        Object state = NONE;
    }

    private static final int MOST_STEPS = 4_000_000;
    private static final int MOST_OBJECTS = 200_000;
    private static final int MOST_DEPTH = 200_000;
    private static final int LONGEST_NUMBER = 64;

    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    private static final Object MARK = new Object();

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

    /** Names that stand for something that checkpoints carry and weights do not need. */
    private static final List<String> IDLE =
            List.of(
                    "argparse.Namespace",
                    "_codecs.encode",
                    "numpy.dtype",
                    "numpy.core.multiarray.scalar",
                    "numpy._core.multiarray.scalar",
                    "torch.device",
                    "torch.strided");

    private static final List<String> KNOWN =
            List.of(
                    "collections.OrderedDict",
                    "torch.Size",
                    "torch._utils._rebuild_tensor",
                    "torch._utils._rebuild_tensor_v2",
                    "torch._utils._rebuild_tensor_v3",
                    "torch._utils._rebuild_parameter",
                    "torch._utils._rebuild_parameter_with_state",
                    "torch.nn.parameter.Parameter",
                    "torch.storage.UntypedStorage",
                    "torch.UntypedStorage");

    private static final List<String> SCRIPT =
            List.of(
                    "torch.jit._pickle.build_intlist",
                    "torch.jit._pickle.build_doublelist",
                    "torch.jit._pickle.build_boollist",
                    "torch.jit._pickle.build_tensorlist",
                    "torch.jit._pickle.restore_type_tag");

    private final PickleInput in;
    private final boolean script;
    private final ArrayList<Object> stack = new ArrayList<>();
    private final Map<Integer, Object> memo = new HashMap<>();
    private int steps;
    private int objects;

    /**
     * A reader.
     *
     * @param script whether objects of TorchScript are known
     */
    Pickle(PickleInput in, boolean script) {
        this.in = in;
        this.script = script;
    }

    /** Reads the next pickle. */
    Object next() throws BadWeights {
        stack.clear();
        memo.clear();
        try {
            while (true) {
                if (++steps > MOST_STEPS) {
                    throw new BadWeights("its pickle has over " + MOST_STEPS + " operations");
                }
                int code = in.u8();
                if (code == '.') {
                    return pop();
                }
                operate(code);
            }
        } catch (ClassCastException | NumberFormatException | UnsupportedOperationException e) {
            throw new BadWeights(
                    "its pickle is broken: an operation before byte "
                            + in.position()
                            + " finds something else than it needs");
        }
    }

    private void operate(int code) throws BadWeights {
        switch (code) {
            case 0x80 -> protocol(in.u8());
            case 0x95 -> in.i64(); // FRAME
            case '(' -> push(MARK);
            case '0' -> pop();
            case '1' -> marked();
            case '2' -> push(top());
            case 'N' -> push(NONE);
            case 0x88 -> push(true);
            case 0x89 -> push(false);
            case 'I' -> line(in.line());
            case 'L' -> number(in.line().replaceFirst("L$", ""));
            case 'J' -> make((long) in.i32());
            case 'K' -> push((long) in.u8()); // from the JDK's cache: takes no memory
            case 'M' -> make((long) in.u16());
            case 0x8a -> number(in.u8());
            case 0x8b -> number(in.length(in.i32() & 0xffffffffL));
            case 'F' -> make(Double.valueOf(in.line()));
            case 'G' -> make(in.bigEndianDouble());
            case 'S', 'V' -> make(in.line());
            case 'T', 'X' -> make(in.text(in.length(in.i32() & 0xffffffffL)));
            case 'U', 0x8c -> make(in.text(in.u8()));
            case 0x8d -> make(in.text(in.length(in.i64())));
            case 'B' -> skip(in.length(in.i32() & 0xffffffffL));
            case 'C' -> skip(in.u8());
            case 0x8e, 0x96 -> skip(in.length(in.i64()));
            case ']', 0x8f -> make(new ArrayList<>(0));
            case ')' -> push(List.of());
            case '}' -> make(new LinkedHashMap<>());
            case 'l', 't', 0x91 -> make(marked());
            case 0x85 -> make(last(1));
            case 0x86 -> make(last(2));
            case 0x87 -> make(last(3));
            case 'd' -> dictionary(marked());
            case 'a' -> append(last(1));
            case 'e', 0x90 -> append(marked());
            case 's' -> put(last(2));
            case 'u' -> put(marked());
            case 'p' -> remember(Integer.parseInt(in.line()));
            case 'q' -> remember(in.u8());
            case 'r' -> remember(in.i32());
            case 0x94 -> remember(memo.size());
            case 'g' -> recall(Integer.parseInt(in.line()));
            case 'h' -> recall(in.u8());
            case 'j' -> recall(in.i32());
            case 'c' -> {
                String module = in.line();
                make(name(module, in.line()));
            }
            case 0x93 -> {
                List<Object> both = last(2);
                make(name((String) both.get(0), (String) both.get(1)));
            }
            case 'R', 0x81 -> {
                List<Object> both = last(2);
                push(called(both.get(0), list(both.get(1))));
            }
            case 'b' -> build(pop());
            case 'Q' -> make(storage(list(pop())));
            default ->
                    throw new BadWeights(
                            "its pickle uses the operation 0x"
                                    + Integer.toHexString(code)
                                    + ", which no state dict needs. Nothing of it was run");
        }
    }

    private static void protocol(int version) throws BadWeights {
        if (version > 5) {
            throw new BadWeights("its pickle has the protocol " + version + "; the newest is 5");
        }
    }

    private void push(Object value) throws BadWeights {
        if (stack.size() >= MOST_DEPTH) {
            throw new BadWeights("its pickle stacks over " + MOST_DEPTH + " values");
        }
        stack.add(value);
    }

    /** Pushes something that takes memory. */
    private void make(Object value) throws BadWeights {
        count();
        push(value);
    }

    private void count() throws BadWeights {
        if (++objects > MOST_OBJECTS) {
            throw new BadWeights("its pickle makes over " + MOST_OBJECTS + " objects");
        }
    }

    private Object top() throws BadWeights {
        if (stack.isEmpty() || stack.get(stack.size() - 1) == MARK) {
            throw new BadWeights("its pickle is broken: nothing is there at byte " + in.position());
        }
        return stack.get(stack.size() - 1);
    }

    private Object pop() throws BadWeights {
        Object value = top();
        stack.remove(stack.size() - 1);
        return value;
    }

    private List<Object> last(int count) throws BadWeights {
        Object[] values = new Object[count];
        for (int i = count - 1; i >= 0; i--) {
            values[i] = pop();
        }
        return Arrays.asList(values);
    }

    private List<Object> marked() throws BadWeights {
        int mark = stack.lastIndexOf(MARK);
        if (mark < 0) {
            throw new BadWeights("its pickle is broken: no mark before byte " + in.position());
        }
        List<Object> above = stack.subList(mark + 1, stack.size());
        List<Object> values = new ArrayList<>(above);
        stack.subList(mark, stack.size()).clear();
        return values;
    }

    private void line(String text) throws BadWeights {
        if (text.equals("00") || text.equals("01")) {
            push(text.equals("01"));
        } else {
            number(text);
        }
    }

    private void number(String text) throws BadWeights {
        if (text.length() > LONGEST_NUMBER) {
            throw new BadWeights("its pickle has a number of " + text.length() + " digits");
        }
        make(narrow(new BigInteger(text)));
    }

    private void number(int bytes) throws BadWeights {
        if (bytes > LONGEST_NUMBER) {
            throw new BadWeights("its pickle has a number of " + bytes + " bytes");
        }
        byte[] digits = in.bytes(bytes);
        byte[] reversed = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            reversed[i] = digits[bytes - 1 - i];
        }
        make(narrow(bytes == 0 ? BigInteger.ZERO : new BigInteger(reversed)));
    }

    private static Object narrow(BigInteger number) {
        return number.bitLength() < 64 ? (Object) number.longValue() : number;
    }

    private void skip(int bytes) throws BadWeights {
        in.skip(bytes);
        push(OTHER);
    }

    private void remember(int index) throws BadWeights {
        count();
        memo.put(index, top());
    }

    private void recall(int index) throws BadWeights {
        Object value = memo.get(index);
        if (value == null) {
            throw new BadWeights("its pickle recalls " + index + ", which it never stored");
        }
        push(value);
    }

    @SuppressWarnings("unchecked")
    private static List<Object> list(Object value) {
        return (List<Object>) value;
    }

    private void append(List<Object> values) throws BadWeights {
        Object list = top();
        if (list != OTHER) {
            for (Object value : values) {
                if (list(list) == value) {
                    throw new BadWeights("its pickle has a list that holds itself");
                }
            }
            list(list).addAll(values);
        }
    }

    private void dictionary(List<Object> pairs) throws BadWeights {
        make(new LinkedHashMap<>());
        put(pairs);
    }

    @SuppressWarnings("unchecked")
    private void put(List<Object> pairs) throws BadWeights {
        Object target = top();
        if (target == OTHER) {
            return;
        }
        if (pairs.size() % 2 != 0) {
            throw new BadWeights("its pickle has a key without a value");
        }
        Map<Object, Object> map = (Map<Object, Object>) target;
        for (int i = 0; i < pairs.size(); i += 2) {
            put(map, pairs.get(i), pairs.get(i + 1));
        }
    }

    private void put(Map<Object, Object> map, Object key, Object value) throws BadWeights {
        count();
        boolean plain = key instanceof String || key instanceof Long || key instanceof Boolean;
        if (map.put(plain ? key : new Object(), value) != null && key instanceof String) {
            throw new BadWeights("its pickle has the name '" + shorten(key) + "' twice");
        }
    }

    private Object name(String module, String name) throws BadWeights {
        String full = module + "." + name;
        boolean torch = module.equals("torch") || module.equals("torch.cuda");
        if (KNOWN.contains(full)
                || IDLE.contains(full)
                || torch && (STORAGES.containsKey(name) || TYPES.containsKey(name))
                || script && (SCRIPT.contains(full) || module.startsWith("__torch__"))) {
            return new Name(module, name);
        }
        if (module.startsWith("__torch__")) {
            throw new BadWeights("its pickle has objects of a TorchScript program");
        }
        if (full.contains("quantized") || full.contains("qtensor") || full.contains("sparse")) {
            throw new BadWeights(
                    "its pickle has quantised or sparse tensors ("
                            + shorten(full)
                            + "), which are not read. Save plain ones");
        }
        throw new BadWeights(
                "its pickle names '"
                        + shorten(full)
                        + "', which is not among the names that tensors need. Nothing of it was"
                        + " run. If this is a whole model, save model.state_dict() instead");
    }

    private Object called(Object what, List<Object> given) throws BadWeights {
        if (!(what instanceof Name name)) {
            throw new BadWeights("its pickle calls " + kind(what) + ". Nothing of it was run");
        }
        String full = name.toString();
        if (IDLE.contains(full)) {
            return OTHER;
        }
        if (name.module().startsWith("__torch__")) {
            count();
            return new ScriptObject();
        }
        return switch (full) {
            case "collections.OrderedDict" -> ordered(given);
            case "torch.Size" -> given.isEmpty() ? List.of() : list(given.get(0));
            case "torch._utils._rebuild_tensor",
                    "torch._utils._rebuild_tensor_v2",
                    "torch._utils._rebuild_tensor_v3" ->
                    view(given, full.endsWith("v3"));
            case "torch._utils._rebuild_parameter",
                    "torch._utils._rebuild_parameter_with_state",
                    "torch.nn.parameter.Parameter",
                    "torch.jit._pickle.build_intlist",
                    "torch.jit._pickle.build_doublelist",
                    "torch.jit._pickle.build_boollist",
                    "torch.jit._pickle.build_tensorlist",
                    "torch.jit._pickle.restore_type_tag" ->
                    argument(full, given, 0);
            default ->
                    throw new BadWeights("its pickle calls '" + full + "', which is no function");
        };
    }

    private static Object argument(String name, List<Object> given, int at) throws BadWeights {
        if (given.size() <= at) {
            throw new BadWeights("its pickle gives " + given.size() + " values to '" + name + "'");
        }
        return given.get(at);
    }

    private Object ordered(List<Object> given) throws BadWeights {
        count();
        Map<Object, Object> map = new LinkedHashMap<>();
        if (!given.isEmpty()) {
            for (Object pair : list(given.get(0))) {
                List<Object> both = list(pair);
                put(map, argument("OrderedDict", both, 0), argument("OrderedDict", both, 1));
            }
        }
        return map;
    }

    private Object view(List<Object> given, boolean third) throws BadWeights {
        String who = "_rebuild_tensor";
        if (!(argument(who, given, 0) instanceof Storage storage)) {
            throw new BadWeights("its pickle has a tensor on " + kind(given.get(0)));
        }
        Type type = storage.type();
        if (third) {
            Name name = (Name) argument(who, given, 6);
            type = TYPES.get(name.name());
        }
        if (type == null) {
            throw new BadWeights("its pickle has a tensor without a type");
        }
        count();
        return new View(
                storage,
                type,
                whole("offset", argument(who, given, 1)),
                axes("shape", argument(who, given, 2)),
                axes("strides", argument(who, given, 3)));
    }

    private static long[] axes(String what, Object value) throws BadWeights {
        if (!(value instanceof List<?> axes)) {
            throw new BadWeights("its pickle has a tensor whose " + what + " is " + kind(value));
        }
        long[] all = new long[axes.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = whole(what, axes.get(i));
        }
        return all;
    }

    private static long whole(String what, Object value) throws BadWeights {
        if (value instanceof Long number) {
            return number;
        }
        throw new BadWeights(
                "its pickle has a tensor with "
                        + kind(value)
                        + " in its "
                        + what
                        + "; expected whole numbers below 2^63");
    }

    /** ('storage', type, key, location, count[, view]) of torch.save. */
    private static Storage storage(List<Object> id) throws BadWeights {
        if (id.size() < 5 || !"storage".equals(id.get(0)) || !(id.get(1) instanceof Name type)) {
            throw new BadWeights("its pickle refers to something that is no storage");
        }
        if (!(id.get(2) instanceof String key)) {
            throw new BadWeights("its pickle refers to a storage without a name");
        }
        long count = whole("storage", id.get(4));
        long offset = 0;
        if (id.size() > 5 && id.get(5) instanceof List<?> view && view.size() == 3) {
            offset = whole("storage's offset", view.get(1));
            count = whole("storage's size", view.get(2));
        }
        Type known = STORAGES.get(type.name());
        if (known == null && !type.name().equals("UntypedStorage")) {
            throw new BadWeights("its pickle has a storage of '" + type + "'");
        }
        return new Storage(known, key, offset, count);
    }

    private void build(Object state) throws BadWeights {
        Object target = top();
        if (target instanceof ScriptObject object) {
            object.state = state;
        } else if (target != OTHER && !(target instanceof Map) && !(target instanceof View)) {
            throw new BadWeights(
                    "its pickle sets the state of " + kind(target) + ". Nothing of it was run");
        }
    }

    private static String kind(Object value) {
        if (value instanceof String text) {
            return "the text '" + shorten(text) + "'";
        }
        if (value instanceof List) {
            return "a list";
        }
        return value instanceof Map ? "a dictionary" : shorten(value);
    }

    /** Text of a file for a message. */
    static String shorten(Object value) {
        String text = CONTROL.matcher(value.toString()).replaceAll("?");
        return text.length() > 80 ? text.substring(0, 77) + ".." : text;
    }
}
