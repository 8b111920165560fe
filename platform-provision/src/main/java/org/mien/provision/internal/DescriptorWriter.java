// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * Writes the features.xml that the features service gets: what was read and judged, with the
 * addresses of the files that were looked at, and nothing else. So the service reads what we read.
 */
final class DescriptorWriter {
    private static final String NAMESPACE = "http://karaf.apache.org/xmlns/features/v1.6.0";

    private final XMLStreamWriter out;
    private final Map<String, String> addresses;

    private DescriptorWriter(XMLStreamWriter out, Map<String, String> addresses) {
        this.out = out;
        this.addresses = addresses;
    }

    /**
     * Writes a file.
     *
     * @param addresses of bundles, by what stands in the features
     */
    static void write(
            Path file,
            String name,
            Collection<Descriptor.Feature> features,
            Map<String, String> addresses)
            throws IOException {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter out = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
            new DescriptorWriter(out, addresses).features(name, features);
            out.close();
        } catch (XMLStreamException e) {
            throw new IOException(e);
        }
        Files.writeString(file, text.toString());
    }

    private void features(String name, Collection<Descriptor.Feature> features)
            throws XMLStreamException {
        out.writeStartDocument("UTF-8", "1.0");
        out.setDefaultNamespace(NAMESPACE);
        out.writeStartElement(NAMESPACE, "features");
        out.writeDefaultNamespace(NAMESPACE);
        out.writeAttribute("name", name);
        for (Descriptor.Feature feature : features) {
            out.writeStartElement(NAMESPACE, "feature");
            out.writeAttribute("name", feature.name);
            attributes(feature.attributes);
            for (Descriptor.Wanted wanted : feature.wanted) {
                wanted(wanted);
            }
            for (Descriptor.Jar jar : feature.jars) {
                jar(jar);
            }
            for (Descriptor.Conditional conditional : feature.conditionals) {
                out.writeStartElement(NAMESPACE, "conditional");
                for (String condition : conditional.conditions()) {
                    element("condition", condition);
                }
                for (Descriptor.Wanted wanted : conditional.wanted()) {
                    wanted(wanted);
                }
                for (Descriptor.Jar jar : conditional.jars()) {
                    jar(jar);
                }
                out.writeEndElement();
            }
            for (boolean capability : new boolean[] {false, true}) {
                for (Descriptor.Clause clause : feature.clauses) {
                    if (clause.capability() == capability) {
                        element(capability ? "capability" : "requirement", clause.text());
                    }
                }
            }
            out.writeEndElement();
        }
        out.writeEndElement();
        out.writeEndDocument();
    }

    private void attributes(Map<String, String> attributes) throws XMLStreamException {
        for (Map.Entry<String, String> one : attributes.entrySet()) {
            out.writeAttribute(one.getKey(), one.getValue());
        }
    }

    private void wanted(Descriptor.Wanted wanted) throws XMLStreamException {
        out.writeStartElement(NAMESPACE, "feature");
        if (!wanted.version().isEmpty()) {
            out.writeAttribute("version", wanted.version());
        }
        if (wanted.dependency()) {
            out.writeAttribute("dependency", "true");
        }
        out.writeCharacters(wanted.name());
        out.writeEndElement();
    }

    private void jar(Descriptor.Jar jar) throws XMLStreamException {
        out.writeStartElement(NAMESPACE, "bundle");
        attributes(jar.attributes());
        out.writeCharacters(addresses.getOrDefault(jar.address(), jar.address()));
        out.writeEndElement();
    }

    private void element(String name, String text) throws XMLStreamException {
        out.writeStartElement(NAMESPACE, name);
        out.writeCharacters(text);
        out.writeEndElement();
    }
}
