// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.itest;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.ops4j.pax.exam.CoreOptions.vmOption;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.inject.Inject;
import org.apache.karaf.features.BootFinished;
import org.apache.karaf.features.FeaturesService;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.mien.core.Jobs;
import org.mien.core.MienException;
import org.mien.core.Pipelines;
import org.mien.core.Plugins;
import org.mien.core.Runs;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;

/**
 * In the assembled distribution: every method trains on every backbone that fits. Minutes of
 * training, so only {@code ./mien test --all} has it.
 */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class EveryPairTrainsTest {
    @Inject private BootFinished booted;
    @Inject private Plugins plugins;
    @Inject private Pipelines pipelines;
    @Inject private Jobs jobs;
    @Inject private Runs runs;
    @Inject private FeaturesService features;
    @Inject private ConfigurationAdmin configurations;
    @Inject private BundleContext context;

    /**
     * The distribution, with the memory that the launcher gives it: checkpoints are large here.
     *
     * @return options of the container
     */
    @Configuration
    public Option[] configuration() throws IOException {
        List<Option> options = Exam.options();
        options.add(vmOption("-Xmx2g")); // the last one counts
        return options.toArray(new Option[0]);
    }

    @Test
    public void everyPairTrainsTwoStepsOrIsRefused() throws Exception {
        List<Pairs.Pair> pairs = Pairs.of(plugins, pipelines, features, configurations, context);
        List<String> wrong = new ArrayList<>();
        StringBuilder table = new StringBuilder("\n");
        for (Pairs.Pair pair : pairs) {
            String outcome;
            try {
                outcome = pair.fits() ? trained(pair) : refused(pair);
            } catch (AssertionError | MienException e) {
                outcome = "WRONG: " + e.getMessage();
                wrong.add(pair.pipeline() + ": " + e.getMessage());
            }
            table.append(
                    String.format(
                            "%-16s %-20s %4d  %s%n",
                            pair.method(), pair.backbone(), pair.size(), outcome));
        }
        System.out.println(table);
        assertEquals(table.toString(), List.of(), wrong);
    }

    private String trained(Pairs.Pair pair) throws IOException {
        Runs.Run run = jobs.train(pair.pipeline(), Map.of(), event -> {}, () -> false);
        Path metrics = run.folder().resolve("metrics.jsonl");
        assertEquals(run.text(), "DONE", run.state());
        List<String> steps =
                Files.readAllLines(metrics).stream()
                        .filter(line -> line.contains("\"event\":\"step\""))
                        .map(line -> line.replaceFirst(".*\"step\":(\\d+),.*", "$1"))
                        .distinct()
                        .toList();
        assertEquals(List.of("0", "1"), steps);
        runs.delete(run.id()); // together they are gigabytes
        return String.format("trained two steps, %.1f s", run.seconds());
    }

    private String refused(Pairs.Pair pair) {
        int before = runs.all().size();
        MienException refusal =
                assertThrows(
                        MienException.class,
                        () -> jobs.train(pair.pipeline(), Map.of(), event -> {}, () -> false));
        Pairs.says(refusal.getMessage(), pair);
        assertEquals("a refused training leaves no run", before, runs.all().size());
        return refusal.getMessage();
    }
}
