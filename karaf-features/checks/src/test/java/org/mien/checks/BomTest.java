// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** The BOM that plugins outside are built with has no parent, so it says versions once more. */
class BomTest {
    private final Map<String, String> ours = versions(Repository.root().resolve("pom.xml"));
    private final Map<String, String> theirs =
            versions(Repository.root().resolve("mien-bom/pom.xml"));

    private static Document read(Path pom) {
        try {
            return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(pom.toFile());
        } catch (Exception e) {
            throw new AssertionError(pom + " cannot be read", e);
        }
    }

    private static String child(Element element, String name) {
        for (Node node = element.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node.getNodeName().equals(name)) {
                return node.getTextContent().strip();
            }
        }
        return null;
    }

    /** Versions by artifact, and properties by name; properties filled in. */
    private static Map<String, String> versions(Path pom) {
        Element project = read(pom).getDocumentElement();
        Map<String, String> values = new TreeMap<>();
        values.put("project.version", child(project, "version"));
        Element properties = (Element) project.getElementsByTagName("properties").item(0);
        for (Node node = properties.getFirstChild(); node != null; node = node.getNextSibling()) {
            values.put(node.getNodeName(), node.getTextContent().strip());
        }
        for (String kind : new String[] {"dependency", "plugin"}) {
            NodeList all = project.getElementsByTagName(kind);
            for (int i = 0; i < all.getLength(); i++) {
                Element one = (Element) all.item(i);
                String version = child(one, "version");
                if (version != null) {
                    if (version.startsWith("${")) {
                        version = values.get(version.substring(2, version.length() - 1));
                    }
                    values.put(child(one, "artifactId"), version);
                }
            }
        }
        return values;
    }

    @Test
    void itsVersionsAreThoseOfTheRootPom() {
        assertTrue(theirs.containsKey("platform-testkit"), theirs.toString());
        theirs.forEach(
                (name, version) -> {
                    String expected =
                            switch (name) {
                                case "version.mien" -> ours.get("project.version");
                                case "junit-jupiter" -> ours.get("junit-bom");
                                default -> ours.get(name);
                            };
                    assertEquals(expected, version, "mien-bom/pom.xml: " + name);
                });
    }
}
