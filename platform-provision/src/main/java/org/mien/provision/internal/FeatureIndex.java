// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.karaf.features.BundleInfo;
import org.apache.karaf.features.Feature;
import org.apache.karaf.features.FeatureEvent;
import org.apache.karaf.features.FeaturesListener;
import org.apache.karaf.features.FeaturesService;
import org.apache.karaf.features.RepositoryEvent;
import org.mien.core.MienException;
import org.mien.core.Offers;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which of the features that are known gives which plugin. Their bundles say it, in the
 * descriptions of their components; no convention on names is trusted, since features have several
 * plugins. It is found when first asked for, and again when files of features came or went.
 */
@Component(service = {Offers.class, FeaturesListener.class, FeatureIndex.class})
public final class FeatureIndex implements Offers, FeaturesListener {
    private static final Logger LOG = LoggerFactory.getLogger(FeatureIndex.class);

    /** Features of plugins stand on this one, and no others are looked into. */
    private static final String PLATFORM = "mien-platform";

    private static final int MOST_COMPONENT = 64 << 10;
    private static final Pattern ID = Pattern.compile("name=\"mien\\.id\"[^>]*?value=\"([^\"]+)\"");
    private static final Pattern KIND =
            Pattern.compile(
                    "interface=\"org\\.mien\\.api\\.[a-z.]*"
                            + "(Backbone|Method|Dataset|Preprocessor|Evaluator)\"");

    private final FeaturesService features;
    private volatile boolean stale = true;

    /** Name of the feature, by kind and id. */
    private Map<String, String> index = Map.of();

    /**
     * Made by Declarative Services.
     *
     * @param features that knows them
     */
    @Activate
    public FeatureIndex(@Reference FeaturesService features) {
        this.features = features;
    }

    @Override
    public void repositoryEvent(RepositoryEvent event) {
        renew();
    }

    /** To be called when features may give something else. */
    void renew() {
        stale = true;
    }

    @Override
    public void featureEvent(FeatureEvent event) {
        // What is known stays.
    }

    @Override
    public synchronized Optional<String> feature(String kind, String id) {
        if (stale) {
            stale = false; // first: what changes meanwhile makes it stale again
            index = read();
        }
        return Optional.ofNullable(index.get(kind + " " + id));
    }

    private Map<String, String> read() {
        Map<String, String> found = new HashMap<>();
        try {
            for (Feature feature : features.listFeatures()) {
                boolean ours =
                        feature.getDependencies().stream()
                                .anyMatch(one -> one.getName().equals(PLATFORM));
                for (BundleInfo bundle : ours ? feature.getBundles() : List.<BundleInfo>of()) {
                    look(feature.getName(), bundle.getLocation(), found);
                }
            }
        } catch (Exception e) {
            LOG.warn("the features cannot be listed: {}", e.toString());
            stale = true;
        }
        return found;
    }

    private static void look(String feature, String location, Map<String, String> found) {
        String who = "feature '" + feature + "',";
        try (InputStream in = Address.of(who, location).open(who);
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().matches("OSGI-INF/[^/]+\\.xml")) {
                    String xml = new String(zip.readNBytes(MOST_COMPONENT), StandardCharsets.UTF_8);
                    Matcher id = ID.matcher(xml);
                    Matcher kind = KIND.matcher(xml);
                    if (id.find() && kind.find()) {
                        String word = kind.group(1).toLowerCase(Locale.ROOT);
                        found.putIfAbsent(word + " " + id.group(1), feature);
                    }
                }
            }
        } catch (IOException | MienException e) {
            LOG.debug("{} {} cannot be looked into: {}", who, location, e.getMessage());
        }
    }
}
