// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a pickle (Python's pickletools, protocols 0 to 5) as data: its operations on a stack and a
 * memo. Nothing is called, loaded or run: where a pickle asks Python for that, {@link Meanings}
 * says what stands there instead.
 *
 * <p>Text is String, whole numbers Long or BigInteger, others Double; then Boolean, {@link
 * Pickled#NONE}, List (also for tuples and sets), Map, {@link Bytes}, and what {@link Meanings}
 * makes.
 */
final class Pickle {
    private static final int MOST_STEPS = 4_000_000;
    private static final int MOST_OBJECTS = 400_000;
    private static final int MOST_DEPTH = 200_000;

    private static final Object MARK = new Object();

    private final PickleInput in;
    private final Meanings meanings;
    private final ArrayList<Object> stack = new ArrayList<>();
    private final Map<Integer, Object> memo = new HashMap<>();
    private int steps;
    private int objects;

    /**
     * A reader.
     *
     * @param meanings what names stand for
     */
    Pickle(PickleInput in, Meanings meanings) {
        this.in = in;
        this.meanings = meanings;
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
                if (!number(code) && !text(code) && !container(code) && !memory(code)) {
                    object(code);
                }
            }
        } catch (ClassCastException | NumberFormatException | UnsupportedOperationException e) {
            throw new BadWeights(
                    "its pickle is broken: an operation before byte "
                            + in.position()
                            + " finds something else than it needs");
        }
    }

    private boolean number(int code) throws BadWeights {
        switch (code) {
            case 'N' -> push(Pickled.NONE);
            case 0x88 -> push(true);
            case 0x89 -> push(false);
            case 'I' -> {
                String text = in.line();
                boolean truth = text.equals("00") || text.equals("01");
                make(truth ? (Object) text.equals("01") : PickleInput.number(text));
            }
            case 'L' -> make(PickleInput.number(in.line().replaceFirst("L$", "")));
            case 'J' -> make((long) in.i32());
            case 'K' -> push((long) in.u8()); // from the JDK's cache: takes no memory
            case 'M' -> make((long) in.u16());
            case 0x8a -> make(in.number(in.u8()));
            case 0x8b -> make(in.number(in.u32()));
            case 'F' -> make(Double.valueOf(in.line()));
            case 'G' -> make(in.bigEndianDouble());
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean text(int code) throws BadWeights {
        switch (code) {
            case 'S' -> make(in.line().replaceFirst("^(['\"])(.*)\\1$", "$2"));
            case 'V' -> make(in.line());
            case 'T' -> make(in.oldText(in.u32()));
            case 'U' -> make(in.oldText(in.u8()));
            case 'X' -> make(in.text(in.u32()));
            case 0x8c -> make(in.text(in.u8()));
            case 0x8d -> make(in.text(in.i64()));
            case 'B' -> make(in.bytes(in.u32()));
            case 'C' -> make(in.bytes(in.u8()));
            case 0x8e, 0x96 -> make(in.bytes(in.i64()));
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean container(int code) throws BadWeights {
        switch (code) {
            case ']', 0x8f -> make(new ArrayList<>(0));
            case ')' -> push(List.of());
            case '}' -> make(new LinkedHashMap<>());
            case 'l', 't', 0x91 -> make(marked());
            case 0x85 -> make(last(1));
            case 0x86 -> make(last(2));
            case 0x87 -> make(last(3));
            case 'd' -> {
                List<Object> pairs = marked();
                make(new LinkedHashMap<>());
                put(pairs);
            }
            case 'a' -> append(last(1));
            case 'e', 0x90 -> append(marked());
            case 's' -> put(last(2));
            case 'u' -> put(marked());
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean memory(int code) throws BadWeights {
        switch (code) {
            case '(' -> push(MARK);
            case '0' -> pop();
            case '1' -> marked();
            case '2' -> push(top());
            case 'p' -> remember(Integer.parseInt(in.line()));
            case 'q' -> remember(in.u8());
            case 'r' -> remember(in.i32());
            case 0x94 -> remember(memo.size());
            case 'g' -> recall(Integer.parseInt(in.line()));
            case 'h' -> recall(in.u8());
            case 'j' -> recall(in.i32());
            default -> {
                return false;
            }
        }
        return true;
    }

    private void object(int code) throws BadWeights {
        switch (code) {
            case 0x80 -> protocol(in.u8());
            case 0x95 -> in.i64(); // FRAME
            case 0x98 -> top(); // READONLY_BUFFER
            case 'c' -> {
                String module = in.line();
                make(new Pickled.Name(module, in.line()));
            }
            case 0x93 -> {
                List<Object> both = last(2);
                make(new Pickled.Name((String) both.get(0), (String) both.get(1)));
            }
            case 0x82 -> make(extension(in.u8()));
            case 0x83 -> make(extension(in.u16()));
            case 0x84 -> make(extension(in.i32()));
            case 'R', 0x81 -> {
                List<Object> both = last(2);
                make(meanings.called(both.get(0), list(both.get(1))));
            }
            case 0x92 -> { // with named arguments
                List<Object> three = last(3);
                make(meanings.called(three.get(0), list(three.get(1))));
            }
            case 'i' -> {
                String module = in.line();
                make(meanings.called(new Pickled.Name(module, in.line()), marked()));
            }
            case 'o' -> {
                List<Object> all = marked();
                if (all.isEmpty()) {
                    throw new BadWeights("its pickle makes an object of nothing");
                }
                make(meanings.called(all.get(0), all.subList(1, all.size())));
            }
            case 'b' -> {
                Object state = pop();
                meanings.build(top(), state);
            }
            case 'Q' -> make(meanings.persistent(pop()));
            case 'P' -> make(meanings.persistent(in.line()));
            default ->
                    throw new BadWeights(
                            "its pickle uses the operation 0x"
                                    + Integer.toHexString(code)
                                    + ", which is none that can be read. Nothing of it was run");
        }
    }

    private static Pickled.Name extension(int code) {
        return new Pickled.Name("copyreg", "extension " + code);
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
        Object target = top();
        if (target instanceof Inert inert) {
            inert.add(values);
        } else {
            list(target).addAll(values);
        }
    }

    @SuppressWarnings("unchecked")
    private void put(List<Object> pairs) throws BadWeights {
        Object target = top();
        if (pairs.size() % 2 != 0) {
            throw new BadWeights("its pickle has a key without a value");
        }
        for (int i = 0; i < pairs.size(); i += 2) {
            count();
            if (target instanceof Inert inert) {
                inert.put(pairs.get(i), pairs.get(i + 1));
            } else {
                Pickled.put((Map<Object, Object>) target, pairs.get(i), pairs.get(i + 1));
            }
        }
    }
}
