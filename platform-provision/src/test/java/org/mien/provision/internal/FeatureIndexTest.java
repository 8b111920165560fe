// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.karaf.features.FeaturesService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Only what a known feature gives is named. */
class FeatureIndexTest {
    @TempDir Path temp;

    private static String component(String id, String kind) {
        return "<scr:component name=\"x\"><property name=\"mien.id\" type=\"String\" value=\""
                + id
                + "\"/><service><provide interface=\"org.mien.api."
                + kind
                + "\"/></service></scr:component>";
    }

    @Test
    void featuresAreFoundByWhatTheirBundlesGive() throws Exception {
        Path jar = temp.resolve("two.jar");
        Files.write(
                jar,
                Jars.zip(
                        "OSGI-INF/a.xml", component("big", "method.Backbone"),
                        "OSGI-INF/b.xml", component("small", "method.Backbone"),
                        "OSGI-INF/c.xml", component("faces", "data.Dataset")));
        FakeFeatures fake = new FakeFeatures(null);
        FeaturesService service = fake.service();
        FeatureIndex index = new FeatureIndex(service);
        assertEquals(Optional.empty(), index.feature("backbone", "big"));
        String feature = "<feature name='%s' version='1'>%s<bundle>%s</bundle></feature>";
        fake.ships(
                "mvn:a/b/1/xml/features",
                "<features name='x'>"
                        + feature.formatted(
                                "mien-two", "<feature>mien-platform</feature>", jar.toUri())
                        + feature.formatted(
                                "mien-gone",
                                "<feature>mien-platform</feature>",
                                temp.resolve("gone.jar").toUri())
                        + feature.formatted("other", "", jar.toUri())
                        + "</features>");
        // It was asked before, and hears that something came.
        assertEquals(Optional.empty(), index.feature("backbone", "big"));
        index.repositoryEvent(null);
        assertEquals(Optional.of("mien-two"), index.feature("backbone", "big"));
        assertEquals(Optional.of("mien-two"), index.feature("backbone", "small"));
        assertEquals(Optional.of("mien-two"), index.feature("dataset", "faces"));
        assertEquals(Optional.empty(), index.feature("method", "big"));
        assertEquals(Optional.empty(), index.feature("backbone", "gone"));
    }
}
