// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is alive in this virtual machine, read from a dump of its heap, to say who keeps the code of
 * a plugin. Weak and phantom references keep nothing, soft ones until memory is short. The format
 * is HPROF 1.0.2, as the comment at the head of HotSpot's heapDumper.cpp has it.
 */
final class Heap {
    private static final int TEXT = 0x01;
    private static final int LOADED = 0x02;
    private static final int WHOLE = 0x0C;
    private static final int PART = 0x1C;
    private static final int CLASS = 0x20;
    private static final int OBJECT = 0x21;
    private static final int ARRAY = 0x22;
    private static final int NUMBERS = 0x23;

    /** A thread that runs. */
    private static final int THREAD = 0x08;

    /** Bytes of a root behind its object, by its tag. */
    private static final Map<Integer, Integer> ROOTS =
            Map.of(0xFF, 0, 0x01, 8, 0x02, 8, 0x03, 8, 0x04, 4, 0x05, 0, 0x06, 4, 0x07, 0, 8, 8);

    /** Type of a field that refers to an object. */
    private static final int REFERENCE = 2;

    /** A field, and where it stands: among the bytes of an object, or in the dump if static. */
    private record Field(String name, int type, int at) {}

    /** A class. Its objects have its fields first, then those of its parent. */
    private record Type(
            String name, long parent, long loader, List<Field> statics, List<Field> fields) {}

    /** How an object refers to the next on the way to what is looked for. */
    private record Hop(long type, String field, long to) {}

    /** Who looks at the dump. */
    private interface Visitor {
        default void root(long id, int tag) {}

        default void object(long id, long type, int at) {}

        default void array(long id, long type, int count, int at) {}

        default void numbers(long id, int type, int count, int at) {}
    }

    private final ByteBuffer dump;
    private final Map<Long, Integer> texts = new HashMap<>();
    private final Map<Long, Long> names = new HashMap<>();
    private final Map<Long, Type> types = new LinkedHashMap<>();
    private final Map<Long, List<Field>> layouts = new HashMap<>();
    private final Map<Long, Integer> roots = new HashMap<>();

    /** Whether soft references count. */
    private boolean soft;

    private Heap(ByteBuffer dump) {
        this.dump = dump;
        read(
                new Visitor() {
                    @Override
                    public void root(long id, int tag) {
                        roots.merge(id, tag, (one, two) -> one == THREAD ? one : two);
                    }
                });
    }

    /**
     * Says who keeps the classes of a copy in memory.
     *
     * @param number of the copy
     * @return in sentences; null when nobody does, or soft references alone
     */
    static String holderOf(int number) throws IOException {
        Path folder = Files.createTempDirectory("mien-heap");
        Path file = folder.resolve("heap.hprof");
        try {
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                    .dumpHeap(file.toString(), true);
            try (FileChannel channel = FileChannel.open(file)) {
                long size = channel.size();
                if (size > Integer.MAX_VALUE) {
                    return "The heap is too large to be searched here. Dump it with jcmd PROCESS"
                            + " GC.heap_dump FILE, and look with a heap viewer for the way from a"
                            + " root to "
                            + Copy.class.getName()
                            + ".";
                }
                return new Heap(channel.map(FileChannel.MapMode.READ_ONLY, 0, size)).holder(number);
            }
        } finally {
            Files.deleteIfExists(file);
            Files.delete(folder);
        }
    }

    private int tag(int at) {
        return dump.get(at) & 0xff;
    }

    private void read(Visitor visitor) {
        int at = 0;
        while (dump.get(at) != 0) {
            at++; // the name of the format
        }
        if (dump.getInt(at + 1) != Long.BYTES) {
            throw new IllegalStateException("a heap dump of a machine that is not of 64 bits");
        }
        at += 1 + 4 + 8;
        while (at < dump.limit()) {
            int tag = tag(at);
            int from = at + 9;
            at = Math.toIntExact(from + (dump.getInt(at + 5) & 0xffffffffL));
            switch (tag) {
                case TEXT -> texts.put(dump.getLong(from), from);
                case LOADED -> names.put(dump.getLong(from + 4), dump.getLong(from + 16));
                case WHOLE, PART -> objects(from, at, visitor);
                default -> {} // stacks
            }
        }
    }

    private void objects(int from, int end, Visitor visitor) {
        int at = from;
        while (at < end) {
            int tag = tag(at);
            long id = dump.getLong(at + 1);
            at += 9;
            switch (tag) {
                case CLASS -> at = type(id, at);
                case OBJECT -> {
                    visitor.object(id, dump.getLong(at + 4), at + 16);
                    at += 16 + dump.getInt(at + 12);
                }
                case ARRAY -> {
                    int count = dump.getInt(at + 4);
                    visitor.array(id, dump.getLong(at + 8), count, at + 16);
                    at += 16 + Long.BYTES * count;
                }
                case NUMBERS -> {
                    int count = dump.getInt(at + 4);
                    int type = tag(at + 8);
                    visitor.numbers(id, type, count, at + 9);
                    at += 9 + size(type) * count;
                }
                default -> {
                    Integer more = ROOTS.get(tag);
                    if (more == null) {
                        throw new IllegalStateException("an unknown entry of a heap dump: " + tag);
                    }
                    visitor.root(id, tag);
                    at += more;
                }
            }
        }
    }

    private static int size(int type) {
        return switch (type) {
            case 4, 8 -> 1;
            case 5, 9 -> 2;
            case 6, 10 -> 4;
            default -> 8;
        };
    }

    private int type(long id, int from) {
        int at = from + 4 + 6 * Long.BYTES + 4;
        int constants = dump.getShort(at) & 0xffff;
        at += 2;
        for (int i = 0; i < constants; i++) {
            at += 3 + size(tag(at + 2));
        }
        int count = dump.getShort(at) & 0xffff;
        at += 2;
        List<Field> statics = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int type = tag(at + 8);
            statics.add(new Field(text(dump.getLong(at)), type, at + 9));
            at += 9 + size(type);
        }
        count = dump.getShort(at) & 0xffff;
        at += 2;
        List<Field> fields = new ArrayList<>();
        int place = 0;
        for (int i = 0; i < count; i++) {
            int type = tag(at + 8);
            fields.add(new Field(text(dump.getLong(at)), type, place));
            place += size(type);
            at += 9;
        }
        String name = text(names.getOrDefault(id, 0L)).replace('/', '.');
        long parent = dump.getLong(from + 4);
        long loader = dump.getLong(from + 12);
        types.putIfAbsent(id, new Type(name, parent, loader, statics, fields));
        return at;
    }

    private String text(long id) {
        Integer at = texts.get(id);
        if (at == null) {
            return "?";
        }
        byte[] bytes = new byte[dump.getInt(at - 4) - Long.BYTES];
        dump.get(at + Long.BYTES, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** The fields of an object of a class, inherited ones too. */
    private List<Field> layout(long id) {
        List<Field> known = layouts.get(id);
        if (known != null) {
            return known;
        }
        List<Field> all = new ArrayList<>();
        int place = 0;
        boolean keeps = false;
        for (Type type = types.get(id); type != null; type = types.get(type.parent())) {
            keeps |= soft && type.name().equals("java.lang.ref.SoftReference");
            boolean reference = type.name().equals("java.lang.ref.Reference") && !keeps;
            for (Field field : type.fields()) {
                if (!reference || !List.of("referent", "discovered").contains(field.name())) {
                    all.add(new Field(field.name(), field.type(), place + field.at()));
                }
            }
            place += type.fields().stream().mapToInt(field -> size(field.type())).sum();
        }
        layouts.put(id, all);
        return all;
    }

    /** Who refers to one of some objects, and how. */
    private Map<Long, Hop> referrers(long[] sorted) {
        Map<Long, Hop> found = new LinkedHashMap<>();
        types.forEach(
                (id, type) -> {
                    for (Field field : type.statics()) {
                        if (field.type() == REFERENCE) {
                            see(found, sorted, id, 0, field.name(), dump.getLong(field.at()));
                        }
                    }
                    see(found, sorted, id, 0, "", type.loader());
                });
        read(
                new Visitor() {
                    @Override
                    public void object(long id, long type, int at) {
                        for (Field field : layout(type)) {
                            if (field.type() == REFERENCE) {
                                long to = dump.getLong(at + field.at());
                                see(found, sorted, id, type, field.name(), to);
                            }
                        }
                        see(found, sorted, id, type, "", type);
                    }

                    @Override
                    public void array(long id, long type, int count, int at) {
                        for (int i = 0; i < count; i++) {
                            long to = dump.getLong(at + Long.BYTES * i);
                            see(found, sorted, id, type, "", to);
                        }
                        see(found, sorted, id, type, "", type);
                    }
                });
        return found;
    }

    private static void see(
            Map<Long, Hop> found, long[] sorted, long id, long type, String field, long to) {
        if (Arrays.binarySearch(sorted, to) >= 0) {
            found.putIfAbsent(id, new Hop(type, field, to));
        }
    }

    /** Who holds a copy by more than soft references. */
    private String holder(int number) {
        long loader = loader(number);
        if (loader == 0) {
            return null;
        }
        String holder = nearest(loader);
        if (holder != null) {
            return holder;
        }
        soft = true;
        layouts.clear();
        return nearest(loader) != null
                ? null
                : "What holds it is in no dump of the heap: a ClassValue, or native code.";
    }

    /** The shortest way, searched backwards: from the loader to what is always there. */
    private String nearest(long loader) {
        Map<Long, Hop> ways = new HashMap<>();
        Map<Long, Hop> last = new HashMap<>();
        last.put(loader, new Hop(0, "", 0));
        while (!last.isEmpty()) {
            ways.putAll(last);
            for (long id : last.keySet()) {
                boolean lasting = types.containsKey(id) && types.get(id).loader() != loader;
                if (lasting || roots.containsKey(id)) {
                    return words(id, ways, loader);
                }
            }
            last = referrers(last.keySet().stream().mapToLong(Long::longValue).sorted().toArray());
            last.keySet().removeAll(ways.keySet());
        }
        return null;
    }

    private long loader(int number) {
        long[] found = new long[1];
        read(
                new Visitor() {
                    @Override
                    public void object(long id, long type, int at) {
                        if (types.get(type).name().equals(Copy.class.getName())) {
                            for (Field field : layout(type)) {
                                if (field.name().equals("number")
                                        && dump.getInt(at + field.at()) == number) {
                                    found[0] = id;
                                }
                            }
                        }
                    }
                });
        return found[0];
    }

    private String words(long root, Map<Long, Hop> ways, long loader) {
        List<String> fields = new ArrayList<>();
        long at = root;
        while (at != loader && type(at, ways).loader() != loader) {
            Hop hop = ways.get(at);
            if (!hop.field().isEmpty()) {
                fields.add(type(at, ways).name() + "." + hop.field());
            }
            at = hop.to();
        }
        String what = at == loader ? "its class loader" : what(at, ways);
        String way = fields.size() < 2 ? "." : ", by way of " + String.join(", ", fields) + ".";
        String first = fields.isEmpty() ? "" : fields.get(0);
        if (roots.getOrDefault(root, 0) == THREAD && first.endsWith("hreadLocals")) {
            return "A ThreadLocal of the thread '"
                    + thread(root)
                    + "' holds "
                    + what
                    + ". Call its remove() before the call returns, or keep the value in the object"
                    + " whose call it is.";
        }
        if (roots.getOrDefault(root, 0) == THREAD) {
            return "The thread '"
                    + thread(root)
                    + "' holds "
                    + what
                    + (first.isEmpty() ? "" : " as " + first)
                    + way
                    + " End it, or take that back, in close().";
        }
        if (first.equals("java.lang.ApplicationShutdownHooks.hooks")) {
            return "A shutdown hook holds "
                    + what
                    + ". Leave the hook out, and end in close() what is to be ended.";
        }
        if (types.containsKey(root)) {
            return "The static field "
                    + first
                    + " holds "
                    + what
                    + way
                    + " Take it out there in close(), or give it text and numbers instead.";
        }
        return "A call that has not returned, or native code, holds " + what + way;
    }

    private String what(long id, Map<Long, Hop> ways) {
        String[] name = type(id, ways).name().split("[$]{2}Lambda");
        if (types.containsKey(id)) {
            return "the class " + name[0];
        }
        return (name.length > 1 ? "a lambda of " : "an object of ") + name[0];
    }

    /** The class of an object on the way, or the class that it is itself. */
    private Type type(long id, Map<Long, Hop> ways) {
        Type itself = types.get(id);
        return itself != null ? itself : types.get(ways.get(id).type());
    }

    private String thread(long id) {
        long array = find(find(id, "name"), "value");
        String[] name = {"?"};
        read(
                new Visitor() {
                    @Override
                    public void numbers(long one, int type, int count, int at) {
                        if (one == array) {
                            byte[] bytes = new byte[count];
                            dump.get(at, bytes);
                            name[0] = new String(bytes, StandardCharsets.ISO_8859_1);
                        }
                    }
                });
        return name[0];
    }

    /** What a field of an object refers to. */
    private long find(long id, String name) {
        long[] found = new long[1];
        read(
                new Visitor() {
                    @Override
                    public void object(long one, long type, int at) {
                        if (one == id) {
                            for (Field field : layout(type)) {
                                if (field.name().equals(name)) {
                                    found[0] = dump.getLong(at + field.at());
                                }
                            }
                        }
                    }
                });
        return found[0];
    }
}
