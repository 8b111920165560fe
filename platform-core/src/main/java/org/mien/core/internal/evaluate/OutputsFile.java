// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.evaluate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.mien.api.data.Sample;
import org.mien.api.data.Sample.Split;
import org.mien.api.data.Target;
import org.mien.api.data.Targets;
import org.mien.api.evaluate.Answer;
import org.mien.core.Evaluations;
import org.mien.core.MienException;
import org.mien.core.internal.data.ClassNames;
import org.mien.core.internal.data.Loader;
import org.mien.core.internal.data.PictureCache;
import org.mien.core.internal.data.Splits;
import org.mien.core.internal.io.Atomic;
import org.mien.core.internal.model.TrainedRun;
import org.mien.core.internal.plugin.Leases;
import org.mien.core.internal.plugin.Words;
import org.mien.weights.Npy;
import org.mien.weights.Npz;

/** What a run answers on a split, as arrays of NumPy: an array an output, a row a sample. */
public final class OutputsFile {
    /** Of all outputs, which are in memory until they are written. */
    private static final long MOST_BYTES = 1L << 30;

    private final Map<String, float[]> arrays = new LinkedHashMap<>();
    private final Map<String, List<String>> columns = new LinkedHashMap<>();
    private final Targets targets;
    private final List<Sample> samples;
    private final Set<String> wanted;
    private int at;

    private OutputsFile(Targets targets, List<Sample> samples, List<String> names) {
        this.targets = targets;
        this.samples = samples;
        wanted = new LinkedHashSet<>(names);
    }

    /**
     * Writes outputs of a run.
     *
     * @param trained the run, which stays open
     * @param lease holds the plugins, and ends it when one goes
     * @param split on what
     * @param names of the outputs: probabilities, multi_label, values, or what the method names
     * @param folders folder of a run, by its id
     * @param file ending in {@code .npz}, which must not be there
     * @return what was written
     * @throws MienException for an output that there is not, naming those there are
     */
    public static Evaluations.Outputs write(
            TrainedRun trained,
            Leases.Lease lease,
            Split split,
            List<String> names,
            Function<String, Path> folders,
            Path file) {
        lease.hold(trained.bound().plugins());
        Targets learnt = trained.built().parts().targets();
        try (Splits splits = new Splits(trained.bound(), learnt);
                Loader loader =
                        new Loader(
                                trained.bound(),
                                trained.built().parts().input(),
                                splits::read,
                                PictureCache.none());
                RunResults results =
                        new RunResults(
                                trained, splits, splits.some(split), loader, lease, folders)) {
            OutputsFile outputs = new OutputsFile(learnt, results.samples(), names);
            results.visit(outputs::add);
            return outputs.write(trained.id(), Splits.word(split), file);
        } catch (IOException e) {
            throw new MienException(
                    "outputs cannot be written to "
                            + file
                            + ": "
                            + e.getMessage()
                            + ". Check that the folder can be written and the disk has room");
        }
    }

    private void add(Answer answer) {
        Map<String, float[]> there = all(answer);
        if (at == 0) {
            begin(answer, there);
        }
        arrays.forEach(
                (name, values) -> {
                    float[] row = there.get(name);
                    System.arraycopy(row, 0, values, at * row.length, row.length);
                });
        at++;
    }

    /** All that is said of a sample, by name. */
    private static Map<String, float[]> all(Answer answer) {
        Map<String, float[]> all = new LinkedHashMap<>();
        all.put("probabilities", answer.probabilities());
        all.put("multi_label", answer.multiLabel());
        all.put("values", answer.values());
        all.values().removeIf(row -> row.length == 0);
        answer.extras().forEach((name, extra) -> all.put(name, extra.values()));
        return all;
    }

    private void begin(Answer answer, Map<String, float[]> there) {
        long bytes = 0;
        for (String name : wanted) {
            float[] row = there.get(name);
            if (row == null) {
                throw new MienException(
                        "the run gives no output '"
                                + name
                                + "'."
                                + Words.hint(name, there.keySet())
                                + " It gives "
                                + String.join(", ", there.keySet()));
            }
            bytes += (long) Float.BYTES * row.length * samples.size();
            if (bytes > MOST_BYTES) {
                throw new MienException(
                        "the outputs of "
                                + samples.size()
                                + " samples have more than "
                                + (MOST_BYTES >> 20)
                                + " MiB; name fewer outputs, or a smaller split");
            }
            arrays.put(name, new float[row.length * samples.size()]);
            Answer.Extra extra = answer.extras().get(name);
            columns.put(name, extra == null ? targets(name) : extra.columns());
        }
    }

    private List<String> targets(String name) {
        return switch (name) {
            case "probabilities" -> ClassNames.of(targets, Target.CLASS);
            case "multi_label" -> ClassNames.of(targets, Target.MULTI_LABEL);
            default -> ClassNames.of(targets, Target.VALUES);
        };
    }

    private Evaluations.Outputs write(String run, String split, Path file) throws IOException {
        Map<String, Npy> npz = new LinkedHashMap<>();
        Map<String, Integer> widths = new LinkedHashMap<>();
        arrays.forEach(
                (name, values) -> {
                    int width = values.length / samples.size();
                    widths.put(name, width);
                    npz.put(name, Npy.floats(values, samples.size(), width));
                    if (!columns.get(name).isEmpty()) {
                        npz.put(name + "_names", Npy.texts(columns.get(name)));
                    }
                });
        long[] labels =
                IntStream.range(0, samples.size()).mapToLong(i -> samples.get(i).label()).toArray();
        npz.put("labels", Npy.longs(labels, labels.length));
        List<String> ids = new ArrayList<>();
        samples.forEach(sample -> ids.add(sample.id()));
        npz.put("ids", Npy.texts(ids));
        npz.put("classes", Npy.texts(targets.classes()));
        Atomic.write(file, out -> Npz.write(out, npz));
        return new Evaluations.Outputs(run, split, samples.size(), widths, file);
    }
}
