// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.checks;

import aQute.bnd.classfile.AnnotationDefaultAttribute;
import aQute.bnd.classfile.AnnotationInfo;
import aQute.bnd.classfile.AnnotationsAttribute;
import aQute.bnd.classfile.ClassFile;
import aQute.bnd.classfile.ConstantPool;
import aQute.bnd.classfile.ElementInfo;
import aQute.bnd.classfile.ElementValueInfo;
import aQute.bnd.classfile.ParameterAnnotationInfo;
import aQute.bnd.classfile.ParameterAnnotationsAttribute;
import aQute.bnd.classfile.RecordAttribute;
import aQute.bnd.classfile.RuntimeInvisibleAnnotationsAttribute;
import aQute.bnd.header.Parameters;
import aQute.bnd.osgi.Analyzer;
import aQute.bnd.osgi.Clazz;
import aQute.bnd.osgi.Descriptors.PackageRef;
import aQute.bnd.osgi.Domain;
import aQute.bnd.osgi.Jar;
import aQute.bnd.osgi.Processor;
import aQute.bnd.osgi.Resource;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.osgi.annotation.versioning.Version;

/**
 * What the checks look at of one bundle, read from its manifest and its classes.
 *
 * @param name its Maven artifact, for example {@code method-linear}
 * @param headers its manifest
 * @param imports packages it imports
 * @param exports packages it exports
 * @param versioned packages whose package-info has a version; bnd gives others the bundle's
 * @param contained packages of its classes
 * @param used packages its classes refer to and it does not contain, to a class that does
 * @param natives files of native code
 * @param ids values of {@code mien.id} of its components
 * @param texts string literals of its classes, in annotations too, and texts of its other files, to
 *     where they stand
 * @param files its top-level classes, each with those of the same bundle that it refers to
 */
record Bundle(
        String name,
        Map<String, String> headers,
        Set<String> imports,
        Set<String> exports,
        Set<String> versioned,
        Set<String> contained,
        Map<String, String> used,
        Set<String> natives,
        Set<String> ids,
        Map<String, Set<String>> texts,
        Map<String, Set<String>> files) {
    private static final Pattern ARTIFACT =
            Pattern.compile("META-INF/maven/org\\.mien/([^/]+)/pom\\.properties");
    private static final Pattern LIBRARY =
            Pattern.compile(".*\\.(so(\\.\\d+)*|dll|dylib|jnilib)", Pattern.CASE_INSENSITIVE);

    /** A class within a descriptor or a signature. */
    private static final Pattern NAMED = Pattern.compile("L([\\w/$]+)[;<]");

    private static final Pattern ID =
            Pattern.compile("<property name=\"mien\\.id\"[^>]*\\bvalue=\"([^\"]+)\"");

    /** Jars of the class path that are bundles of ours. */
    static List<Path> jars() throws Exception {
        List<Path> jars = new ArrayList<>();
        for (URL url :
                Collections.list(
                        Bundle.class.getClassLoader().getResources("META-INF/MANIFEST.MF"))) {
            try (InputStream in = url.openStream()) {
                String vendor = new Manifest(in).getMainAttributes().getValue("Bundle-Vendor");
                if ("Mien contributors".equals(vendor)) {
                    jars.add(Path.of(URI.create(url.getPath().replaceFirst("!.*", ""))));
                }
            }
        }
        return jars;
    }

    /** Reads a jar made by the build. */
    static Bundle read(Path file) throws Exception {
        Jar jar = new Jar(file.toFile());
        String name =
                jar.getResources().keySet().stream()
                        .map(ARTIFACT::matcher)
                        .filter(Matcher::matches)
                        .map(m -> m.group(1))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new IOException(
                                                file + " has no META-INF/maven/org.mien/*/pom"));
        return read(name, jar);
    }

    /** Takes the jar over and closes it. */
    static Bundle read(String name, Jar jar) throws Exception {
        try (Analyzer analyzer = new Analyzer(jar)) {
            analyzer.analyze();
            Map<String, String> headers = new TreeMap<>();
            jar.getManifest()
                    .getMainAttributes()
                    .forEach((key, value) -> headers.put(key.toString(), value.toString()));
            Domain manifest = Domain.domain(headers);
            Set<String> contained = names(analyzer.getContained().keySet());
            Set<String> versioned = new TreeSet<>();
            Set<String> natives = new TreeSet<>();
            Set<String> ids = new TreeSet<>();
            Map<String, Set<String>> texts = new TreeMap<>();
            Map<String, Set<String>> files = new TreeMap<>();
            for (Map.Entry<String, Resource> entry : jar.getResources().entrySet()) {
                String path = entry.getKey();
                if (path.endsWith(".class")) {
                    ClassFile type = type(entry.getValue());
                    files.computeIfAbsent(file(type.this_class), key -> new TreeSet<>())
                            .addAll(referred(type));
                    for (String literal : literals(type)) {
                        texts.computeIfAbsent(literal, key -> new TreeSet<>()).add(path);
                    }
                    if (path.endsWith("/package-info.class") && annotated(type, Version.class)) {
                        versioned.add(
                                type.this_class.replace("/package-info", "").replace('/', '.'));
                    }
                    continue;
                }
                byte[] content;
                try (InputStream in = entry.getValue().openInputStream()) {
                    content = in.readAllBytes();
                }
                if (LIBRARY.matcher(path).matches() || isElf(content)) {
                    natives.add(path);
                } else if (!path.equals(JarFile.MANIFEST_NAME)) {
                    String text = new String(content, StandardCharsets.UTF_8);
                    texts.computeIfAbsent(text, key -> new TreeSet<>()).add(path);
                    if (path.startsWith("OSGI-INF/")) {
                        ID.matcher(text).results().forEach(m -> ids.add(m.group(1)));
                    }
                }
            }
            return new Bundle(
                    name,
                    headers,
                    keys(manifest.getImportPackage()),
                    keys(manifest.getExportPackage()),
                    versioned,
                    contained,
                    used(analyzer, contained),
                    natives,
                    ids,
                    texts,
                    own(files));
        }
    }

    private static Map<String, String> used(Analyzer analyzer, Set<String> contained) {
        Map<String, String> used = new TreeMap<>();
        for (Clazz type : analyzer.getClassspace().values()) {
            for (String name : names(type.getReferred())) {
                if (!contained.contains(name)) {
                    used.putIfAbsent(name, type.getClassName().getFQN());
                }
            }
        }
        return used;
    }

    /** The top-level class, and so the file, that a class lies in. */
    private static String file(String type) {
        return type.replaceFirst("[$].*", "").replace('/', '.');
    }

    /** Files that a class needs, of this bundle or not. */
    private static Set<String> referred(ClassFile type) {
        Set<String> referred = new TreeSet<>();
        ConstantPool pool = type.constant_pool;
        for (int i = 1; i < pool.size(); i++) {
            switch (pool.tag(i)) {
                case ConstantPool.CONSTANT_Class -> {
                    String name = pool.className(i);
                    if (!name.startsWith("[")) {
                        referred.add(file(name));
                    }
                }
                case ConstantPool.CONSTANT_Utf8 -> {
                    String text = pool.utf8(i);
                    // A string literal of this form could only name too much.
                    if (text.startsWith("(")
                            || text.startsWith("L")
                            || text.startsWith("[")
                            || text.startsWith("<")) {
                        NAMED.matcher(text).results().forEach(m -> referred.add(file(m.group(1))));
                    }
                }
                default -> {
                    // names no class
                }
            }
        }
        return referred;
    }

    /** Without what is not ours or lies elsewhere, and without what a file has of itself. */
    private static Map<String, Set<String>> own(Map<String, Set<String>> files) {
        files.keySet().removeIf(file -> !file.startsWith("org.mien."));
        files.forEach(
                (file, referred) -> {
                    referred.retainAll(files.keySet());
                    referred.remove(file);
                });
        return files;
    }

    private static Set<String> names(Set<PackageRef> packages) {
        Set<String> names = new TreeSet<>();
        for (PackageRef ref : packages) {
            boolean files = ref.isMetaData() || ref.getFQN().startsWith("MIEN-INF");
            if (!ref.isJava() && !files) {
                names.add(ref.getFQN());
            }
        }
        return names;
    }

    private static Set<String> keys(Parameters header) {
        Set<String> keys = new TreeSet<>();
        header.keySet().forEach(key -> keys.add(Processor.removeDuplicateMarker(key)));
        return keys;
    }

    static ClassFile type(Resource resource) throws Exception {
        try (InputStream in = resource.openInputStream()) {
            return ClassFile.parseClassFile(new DataInputStream(in));
        }
    }

    /** Whether a type has an annotation that is kept in class files only. */
    static boolean annotated(ClassFile type, Class<?> annotation) {
        String descriptor = annotation.descriptorString();
        return Stream.of(type.attributes)
                .filter(RuntimeInvisibleAnnotationsAttribute.class::isInstance)
                .flatMap(a -> Stream.of(((AnnotationsAttribute) a).annotations))
                .anyMatch(a -> a.type.equals(descriptor));
    }

    /** String literals of the code and strings in annotations. */
    private static List<String> literals(ClassFile type) {
        List<String> literals = new ArrayList<>();
        ConstantPool pool = type.constant_pool;
        for (int i = 1; i < pool.size(); i++) {
            if (pool.tag(i) == ConstantPool.CONSTANT_String) {
                literals.add(pool.string(i));
            }
        }
        strings(type, literals);
        strings(type.fields, literals);
        strings(type.methods, literals);
        return literals;
    }

    /** Adds the strings of annotations on a part of a class file, or on each of an array. */
    private static void strings(Object part, List<String> literals) {
        if (part instanceof Object[] parts) {
            for (Object each : parts) {
                strings(each, literals);
            }
        } else if (part instanceof ElementInfo element) {
            strings(element.attributes, literals);
        } else if (part instanceof RecordAttribute of) {
            strings(of.components, literals);
        } else if (part instanceof RecordAttribute.RecordComponent component) {
            strings(component.attributes, literals);
        } else if (part instanceof AnnotationsAttribute of) {
            strings(of.annotations, literals);
        } else if (part instanceof ParameterAnnotationsAttribute of) {
            strings(of.parameter_annotations, literals);
        } else if (part instanceof ParameterAnnotationInfo of) {
            strings(of.annotations, literals);
        } else if (part instanceof AnnotationInfo annotation) {
            strings(annotation.values, literals);
        } else if (part instanceof ElementValueInfo of) {
            strings(of.value, literals);
        } else if (part instanceof AnnotationDefaultAttribute of) {
            strings(of.value, literals);
        } else if (part instanceof String text) {
            literals.add(text);
        }
    }

    private static boolean isElf(byte[] content) {
        return content.length > 4
                && content[0] == 0x7f
                && content[1] == 'E'
                && content[2] == 'L'
                && content[3] == 'F';
    }
}
