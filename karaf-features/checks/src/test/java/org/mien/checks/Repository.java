// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.checks;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** The sources this module was built from. */
final class Repository {
    private Repository() {}

    /** The folder of the root pom. */
    static Path root() {
        return Path.of(System.getProperty("mien.root")).toAbsolutePath().normalize();
    }

    /** Files below a folder whose name ends so, without what builds and runs leave there. */
    static Set<Path> files(Path folder, String ending) throws IOException {
        Set<Path> files = new TreeSet<>();
        Files.walkFileTree(
                folder,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes a) {
                        String name = dir.getFileName().toString();
                        boolean made =
                                name.equals("target")
                                        || name.equals(".git")
                                        || dir.equals(folder.resolve("work"));
                        return made ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes a) {
                        if (file.toString().endsWith(ending)) {
                            files.add(file);
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
        return files;
    }

    /** Artifacts of the reactor's modules that are bundles: those with a bnd.bnd. */
    static Set<String> bundles() throws Exception {
        Set<String> names = new TreeSet<>();
        bundles(root(), names);
        return names;
    }

    private static void bundles(Path folder, Set<String> names) throws Exception {
        Element project =
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(folder.resolve("pom.xml").toFile())
                        .getDocumentElement();
        for (Node n = project.getFirstChild(); n != null; n = n.getNextSibling()) {
            if (n.getNodeName().equals("artifactId") && Files.exists(folder.resolve("bnd.bnd"))) {
                names.add(n.getTextContent().trim());
            } else if (n.getNodeName().equals("modules")) {
                for (Node m = n.getFirstChild(); m != null; m = m.getNextSibling()) {
                    if (m.getNodeName().equals("module")) {
                        bundles(folder.resolve(m.getTextContent().trim()), names);
                    }
                }
            }
        }
    }
}
