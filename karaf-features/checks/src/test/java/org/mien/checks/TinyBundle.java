// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.checks;

import aQute.bnd.osgi.Builder;
import aQute.bnd.osgi.EmbeddedResource;
import aQute.bnd.osgi.Jar;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** A bundle of a few lines, compiled and put together by bnd as those of the build are. */
final class TinyBundle {
    private final Path folder;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private final Map<String, byte[]> files = new LinkedHashMap<>();

    /**
     * An empty one.
     *
     * @param folder an empty folder for sources and classes
     */
    TinyBundle(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectories(folder.resolve("classes"));
    }

    /** Adds a source file; its path follows from the package and the name of the type. */
    TinyBundle source(String inPackage, String type, String body) throws IOException {
        Path file = folder.resolve("src").resolve(inPackage.replace('.', '/'));
        Files.createDirectories(file);
        boolean info = type.equals("package-info");
        Files.writeString(
                file.resolve(type + ".java"),
                info ? body + "\npackage " + inPackage + ";" : "package " + inPackage + ";" + body);
        return this;
    }

    /** Adds an instruction of bnd or a header of the manifest. */
    TinyBundle header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    /** Adds a file that is no class. */
    TinyBundle file(String path, String content) {
        files.put(path, content.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** Compiles all sources and makes a jar of the packages named; the rest is class path. */
    Jar jar(String packages) throws Exception {
        compile();
        try (Builder builder = new Builder()) {
            builder.setProperty("Bundle-SymbolicName", "tiny");
            builder.setProperty("Private-Package", packages);
            builder.setProperty(
                    "-exportcontents", "${packages;ANNOTATED;org.osgi.annotation.bundle.Export}");
            builder.setProperty("-noimportjava", "true");
            headers.forEach(builder::setProperty);
            builder.addClasspath(folder.resolve("classes").toFile());
            Jar jar = builder.build();
            if (!builder.isOk()) {
                throw new IOException("bnd: " + builder.getErrors() + builder.getWarnings());
            }
            files.forEach(
                    (path, content) -> jar.putResource(path, new EmbeddedResource(content, 0)));
            File file = folder.resolve("tiny.jar").toFile();
            jar.write(file);
            return new Jar(file);
        }
    }

    private void compile() throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null);
                Stream<Path> walk = Files.walk(folder.resolve("src"))) {
            List<Path> sources =
                    new ArrayList<>(walk.filter(p -> p.toString().endsWith(".java")).toList());
            List<String> options =
                    List.of(
                            "-d",
                            folder.resolve("classes").toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            "-proc:none");
            boolean done =
                    compiler.getTask(
                                    messages,
                                    manager,
                                    null,
                                    options,
                                    null,
                                    manager.getJavaFileObjectsFromPaths(sources))
                            .call();
            if (!done) {
                throw new IOException(messages.toString());
            }
        }
    }
}
