// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.itest;

import java.io.IOException;
import javax.inject.Inject;
import org.apache.karaf.features.BootFinished;
import org.apache.karaf.features.FeaturesService;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.mien.core.Pipelines;
import org.mien.core.Plugins;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;

/** In the assembled distribution: every method on every backbone is ready, or says why not. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class EveryPairTest {
    @Inject private BootFinished booted;
    @Inject private Plugins plugins;
    @Inject private Pipelines pipelines;
    @Inject private FeaturesService features;
    @Inject private ConfigurationAdmin configurations;
    @Inject private BundleContext context;

    /**
     * The distribution.
     *
     * @return options of the container
     */
    @Configuration
    public Option[] configuration() throws IOException {
        return Exam.options().toArray(new Option[0]);
    }

    /** Built without memory, so that it costs nothing; see also {@link EveryPairTrainsTest}. */
    @Test
    public void everyMethodFitsABackboneOrSaysWhatItNeeds() throws Exception {
        System.out.println(
                Pairs.table(Pairs.of(plugins, pipelines, features, configurations, context)));
    }
}
