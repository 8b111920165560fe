// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.stream.Stream;
import org.netbeans.lib.profiler.heap.ArrayItemValue;
import org.netbeans.lib.profiler.heap.FieldValue;
import org.netbeans.lib.profiler.heap.GCRoot;
import org.netbeans.lib.profiler.heap.HeapFactory;
import org.netbeans.lib.profiler.heap.Instance;
import org.netbeans.lib.profiler.heap.JavaClass;
import org.netbeans.lib.profiler.heap.PrimitiveArrayInstance;
import org.netbeans.lib.profiler.heap.Value;

/**
 * What is alive in this virtual machine, read from a dump of its heap, to say who keeps the code of
 * a plugin. Weak and phantom references keep nothing, soft ones until memory is short.
 */
final class Heap {
    /** How an object refers to the next on the way to the plugin; the field may be empty. */
    private record Hop(String field, Instance to) {}

    private final org.netbeans.lib.profiler.heap.Heap dump;
    private final Instance loader;
    private final Map<Long, String> roots = new HashMap<>();

    private Heap(org.netbeans.lib.profiler.heap.Heap dump, int number) {
        this.dump = dump;
        loader = loader(number);
        for (Object one : dump.getGCRoots()) {
            GCRoot root = (GCRoot) one;
            roots.merge(
                    root.getInstance().getInstanceId(),
                    root.getKind(),
                    (a, b) -> a.equals(GCRoot.THREAD_OBJECT) ? a : b);
        }
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
            return new Heap(HeapFactory.createHeap(file.toFile()), number).holder();
        } finally {
            // The library puts what it finds out beside the dump.
            try (Stream<Path> files = Files.walk(folder)) {
                files.sorted(Comparator.reverseOrder()).forEach(one -> one.toFile().delete());
            }
        }
    }

    private Instance loader(int number) {
        JavaClass type = dump.getJavaClassByName(Copy.class.getName());
        for (Object one : type == null ? List.of() : type.getInstances()) {
            Instance copy = (Instance) one;
            if (Integer.valueOf(number).equals(copy.getValueOfField("number"))) {
                return copy;
            }
        }
        return null;
    }

    /** Who holds the copy by more than soft references. */
    private String holder() {
        if (loader == null) {
            return null;
        }
        String holder = nearest(false);
        if (holder != null) {
            return holder;
        }
        return nearest(true) != null
                ? null
                : "What holds it is in no dump of the heap: a ClassValue, or native code.";
    }

    /**
     * The shortest way, searched backwards: from the loader, its classes and their objects to what
     * is always there.
     */
    private String nearest(boolean soft) {
        Map<Long, Hop> ways = new LinkedHashMap<>();
        Queue<Instance> next = new ArrayDeque<>();
        see(loader, null, ways, next);
        for (Object one : dump.getAllClasses()) {
            JavaClass type = (JavaClass) one;
            if (loader.equals(type.getClassLoader())) {
                see(dump.getInstanceByID(type.getJavaClassId()), null, ways, next);
                for (Object object : type.getInstances()) {
                    see((Instance) object, null, ways, next);
                }
            }
        }
        while (!next.isEmpty()) {
            Instance at = next.remove();
            JavaClass itself = dump.getJavaClassByID(at.getInstanceId());
            boolean lasting = itself != null && !loader.equals(itself.getClassLoader());
            if (lasting || roots.containsKey(at.getInstanceId())) {
                return words(at, ways);
            }
            for (Object one : at.getReferences()) {
                Value value = (Value) one;
                String field = value instanceof FieldValue named ? named.getField().getName() : "";
                if (value instanceof ArrayItemValue || keeps((FieldValue) value, soft)) {
                    see(value.getDefiningInstance(), new Hop(field, at), ways, next);
                }
            }
        }
        return null;
    }

    private static void see(Instance at, Hop hop, Map<Long, Hop> ways, Queue<Instance> next) {
        if (at != null && !ways.containsKey(at.getInstanceId())) {
            ways.put(at.getInstanceId(), hop);
            next.add(at);
        }
    }

    /** Whether a field holds what it refers to, and does not only watch it. */
    private static boolean keeps(FieldValue value, boolean soft) {
        String owner = value.getField().getDeclaringClass().getName();
        if (!owner.equals("java.lang.ref.Reference")) {
            return true;
        }
        JavaClass type = value.getDefiningInstance().getJavaClass();
        while (type != null && !type.getName().equals("java.lang.ref.SoftReference")) {
            type = type.getSuperClass();
        }
        return soft && type != null
                || !List.of("referent", "discovered").contains(value.getField().getName());
    }

    private String words(Instance root, Map<Long, Hop> ways) {
        List<String> fields = new ArrayList<>();
        Instance at = root;
        for (Hop hop = ways.get(at.getInstanceId());
                hop != null;
                hop = ways.get(at.getInstanceId())) {
            if (!hop.field().isEmpty()) {
                fields.add(type(at).getName() + "." + hop.field());
            }
            at = hop.to();
        }
        boolean thread = GCRoot.THREAD_OBJECT.equals(roots.getOrDefault(root.getInstanceId(), ""));
        String what = at.equals(loader) ? "its class loader" : what(at);
        String way = fields.size() < 2 ? "." : ", by way of " + String.join(", ", fields) + ".";
        String first = fields.isEmpty() ? "" : fields.get(0);
        if (thread && first.endsWith("hreadLocals")) {
            return "A ThreadLocal of the thread '"
                    + thread(root)
                    + "' holds "
                    + what
                    + ". Call its remove() before the call returns, or keep the value in the object"
                    + " whose call it is.";
        }
        if (thread) {
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
        if (dump.getJavaClassByID(root.getInstanceId()) != null) {
            return "The static field "
                    + first
                    + " holds "
                    + what
                    + way
                    + " Take it out there in close(), or give it text and numbers instead.";
        }
        return "A call that has not returned, or native code, holds " + what + way;
    }

    private String what(Instance at) {
        String[] name = type(at).getName().split("[$]{2}Lambda");
        if (dump.getJavaClassByID(at.getInstanceId()) != null) {
            return "the class " + name[0];
        }
        return (name.length > 1 ? "a lambda of " : "an object of ") + name[0];
    }

    /** The class of an object, or the class that it is itself. */
    private JavaClass type(Instance at) {
        JavaClass itself = dump.getJavaClassByID(at.getInstanceId());
        return itself != null ? itself : at.getJavaClass();
    }

    private static String thread(Instance thread) {
        if (!(thread.getValueOfField("name") instanceof Instance name)
                || !(name.getValueOfField("value") instanceof PrimitiveArrayInstance array)) {
            return "?";
        }
        byte[] bytes = new byte[array.getLength()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = Byte.parseByte((String) array.getValues().get(i));
        }
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
