// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.mien.core.MienException;

/**
 * Reads a features.xml without a document type and without anything that lies outside of it. An
 * element that is not known is refused rather than passed over: the features service might know it.
 */
final class DescriptorReader {
    private static final int MOST_ELEMENTS = 20_000;
    private static final int MOST_TEXT = 1 << 20;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,199}");
    private static final Pattern VERSION = Pattern.compile("[0-9][A-Za-z0-9._-]{0,99}");
    private static final Pattern RANGE = Pattern.compile("[\\[(]?[A-Za-z0-9._, -]*[\\])]?");
    private static final Pattern LEVEL = Pattern.compile("[1-9][0-9]?|100");

    private static final Set<String> OF_FEATURE =
            Set.of("version", "description", "install", "start-level", "hidden");
    private static final Set<String> OF_JAR = Set.of("start-level", "start", "dependency");

    private final String who;
    private final XMLStreamReader in;
    private final Descriptor descriptor = new Descriptor();
    private int elements;

    private DescriptorReader(String who, XMLStreamReader in) {
        this.who = who;
        this.in = in;
    }

    /**
     * Reads it.
     *
     * @param who for messages
     * @param bytes of a bounded size
     */
    static Descriptor read(String who, InputStream bytes) {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        factory.setXMLResolver(
                (publicId, systemId, base, namespace) -> {
                    throw new XMLStreamException("it names something outside of it");
                });
        try {
            XMLStreamReader in = factory.createXMLStreamReader(bytes);
            try {
                DescriptorReader reader = new DescriptorReader(who, in);
                reader.document();
                return reader.descriptor;
            } finally {
                in.close();
            }
        } catch (XMLStreamException e) {
            throw new MienException(
                    who + " is no features.xml: " + String.valueOf(e.getMessage()).strip());
        }
    }

    private MienException refusal(String why) {
        return new MienException(who + ", line " + in.getLocation().getLineNumber() + ": " + why);
    }

    private void document() throws XMLStreamException {
        while (in.hasNext()) {
            switch (in.next()) {
                case XMLStreamConstants.DTD ->
                        throw refusal("it has a document type (<!DOCTYPE ..>); leave that away");
                case XMLStreamConstants.START_ELEMENT -> {
                    if (!in.getLocalName().equals("features")) {
                        throw refusal("expected <features>, got <" + in.getLocalName() + ">");
                    }
                    while (next()) {
                        element();
                    }
                }
                default -> {
                    // Blanks and comments around it.
                }
            }
        }
    }

    /** Goes to the next element within this one; false at its end. */
    private boolean next() throws XMLStreamException {
        while (true) {
            switch (in.next()) {
                case XMLStreamConstants.START_ELEMENT -> {
                    if (++elements > MOST_ELEMENTS) {
                        throw refusal("more than " + MOST_ELEMENTS + " elements, the limit");
                    }
                    return true;
                }
                case XMLStreamConstants.END_ELEMENT -> {
                    return false;
                }
                case XMLStreamConstants.ENTITY_REFERENCE, XMLStreamConstants.DTD ->
                        throw refusal("it has an entity of its own; write the text out");
                default -> {
                    // Text between elements means nothing.
                }
            }
        }
    }

    private String text() throws XMLStreamException {
        String element = in.getLocalName();
        StringBuilder text = new StringBuilder();
        while (true) {
            switch (in.next()) {
                case XMLStreamConstants.CHARACTERS,
                        XMLStreamConstants.CDATA,
                        XMLStreamConstants.SPACE -> {
                    text.append(in.getText());
                    if (text.length() > MOST_TEXT) {
                        throw refusal("<" + element + "> has more than 1 MiB of text");
                    }
                }
                case XMLStreamConstants.END_ELEMENT -> {
                    return text.toString().strip();
                }
                case XMLStreamConstants.START_ELEMENT ->
                        throw refusal("<" + in.getLocalName() + "> within <" + element + ">");
                case XMLStreamConstants.ENTITY_REFERENCE ->
                        throw refusal("it has an entity of its own; write the text out");
                default -> {
                    // Comments.
                }
            }
        }
    }

    private Map<String, String> attributes(Set<String> known) {
        Map<String, String> attributes = new LinkedHashMap<>();
        for (int i = 0; i < in.getAttributeCount(); i++) {
            if (known.contains(in.getAttributeLocalName(i))) {
                attributes.put(in.getAttributeLocalName(i), in.getAttributeValue(i).strip());
            }
        }
        String level = attributes.get("start-level");
        if (level != null && !LEVEL.matcher(level).matches()) {
            throw refusal(
                    "start-level '"
                            + level
                            + "': expected 1 to 100, the level up to which the platform starts");
        }
        return attributes;
    }

    private String attribute(String name) {
        String value = in.getAttributeValue(null, name);
        return value == null ? "" : value.strip();
    }

    private String checked(String what, String value, Pattern pattern) {
        if (!pattern.matcher(value).matches()) {
            throw refusal(
                    what
                            + " '"
                            + (value.length() > 100 ? value.substring(0, 100) + ".." : value)
                            + "': expected letters, digits, '.', '_' and '-'");
        }
        return value;
    }

    private void element() throws XMLStreamException {
        String element = in.getLocalName();
        switch (element) {
            case "repository" -> descriptor.repositories.add(text());
            case "feature" -> feature();
            default -> throw unknown(element);
        }
    }

    private MienException unknown(String element) {
        return switch (element) {
            case "library" ->
                    refusal(
                            "<library> would become part of the platform's own class path, from"
                                    + " its next start on; a plugin brings bundles. Take it out");
            case "resource-repository" ->
                    refusal(
                            "<resource-repository> names a place to fetch bundles from, and"
                                    + " nothing is fetched. Name the bundles");
            default ->
                    refusal(
                            "<"
                                    + element
                                    + "> is nothing that plugin-add knows. It takes repository,"
                                    + " feature, bundle, config, configfile, conditional,"
                                    + " requirement and capability; take the rest out");
        };
    }

    private void feature() throws XMLStreamException {
        String name = checked("feature", attribute("name"), NAME);
        Map<String, String> attributes = attributes(OF_FEATURE);
        if (attributes.containsKey("version")) {
            checked("version of feature " + name, attributes.get("version"), VERSION);
        }
        Descriptor.Feature feature = new Descriptor.Feature(name, attributes);
        if (descriptor.features.putIfAbsent(name, feature) != null) {
            throw refusal("there is a feature '" + name + "' already");
        }
        while (next()) {
            String element = in.getLocalName();
            switch (element) {
                case "details" -> text();
                case "feature" -> feature.wanted.add(wanted());
                case "bundle" -> feature.jars.add(jar());
                case "config" -> feature.written.add(config());
                case "configfile" -> {
                    String to = attribute("finalname");
                    feature.written.add(new Descriptor.Written(null, to, null, text()));
                }
                case "conditional" -> feature.conditionals.add(conditional());
                case "requirement" -> feature.clauses.add(new Descriptor.Clause(false, text()));
                case "capability" -> feature.clauses.add(new Descriptor.Clause(true, text()));
                default -> throw unknown(element);
            }
        }
    }

    private Descriptor.Wanted wanted() throws XMLStreamException {
        String version = attribute("version");
        boolean dependency = attribute("dependency").equals("true");
        boolean first = attribute("prerequisite").equals("true");
        return new Descriptor.Wanted(
                checked("feature", text(), NAME),
                checked("version", version, RANGE),
                dependency,
                first);
    }

    private Descriptor.Jar jar() throws XMLStreamException {
        Map<String, String> attributes = attributes(OF_JAR);
        return new Descriptor.Jar(text(), attributes);
    }

    private Descriptor.Written config() throws XMLStreamException {
        String pid = attribute("name");
        boolean external = attribute("external").equals("true");
        String text = text();
        return new Descriptor.Written(pid, null, external ? null : text, external ? text : null);
    }

    private Descriptor.Conditional conditional() throws XMLStreamException {
        List<String> conditions = new ArrayList<>();
        List<Descriptor.Jar> jars = new ArrayList<>();
        List<Descriptor.Wanted> wanted = new ArrayList<>();
        while (next()) {
            String element = in.getLocalName();
            switch (element) {
                case "condition" -> conditions.add(text());
                case "bundle" -> jars.add(jar());
                case "feature" -> wanted.add(wanted());
                case "config", "configfile" ->
                        throw refusal(
                                "<"
                                        + element
                                        + "> stands in a <conditional>, where nobody can say"
                                        + " before whether it is written; move it out");
                default -> throw unknown(element);
            }
        }
        return new Descriptor.Conditional(conditions, jars, wanted);
    }
}
