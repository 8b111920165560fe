// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.mien.api.InputSpec;
import org.mien.nn.spi.Counter;

/** A batch in plain arrays, for a {@link MethodBench}. A row is a sample. */
public final class Faces {
    /** Labels at once that a {@link MethodBench} has. */
    public static final int MULTI_LABEL = 4;

    /** Values that a {@link MethodBench} has, each of the range -1 to 1. */
    public static final int VALUES = 2;

    final Map<String, double[][]> views = new LinkedHashMap<>();
    final int size;
    int[] labels;
    int[] originals;
    double[][] targets;
    double[] weights;
    double[][] multiLabel;
    double[][] values;
    int[] places;

    private Faces(double[][] face) {
        size = face.length;
        places = IntStream.range(0, size).toArray();
        views.put("face", face);
    }

    /**
     * Samples without labels.
     *
     * @param pixels the view "face": for each sample 3 H W numbers, red first, as the network reads
     *     them (after mean and deviation)
     * @return the batch
     */
    public static Faces of(double[]... pixels) {
        return new Faces(pixels);
    }

    /**
     * Noise, uniform in [-1, 1); row i is always the same.
     *
     * @param input size of the view
     * @param count N
     * @return the batch
     */
    public static Faces noise(InputSpec input, int count) {
        double[][] rows = new double[count][3 * input.height() * input.width()];
        for (int i = 0; i < count; i++) {
            Counter random = Counter.of(i, "noise");
            Arrays.setAll(rows[i], j -> 2 * random.nextFloat() - 1);
        }
        return new Faces(rows);
    }

    /** Pictures of one colour, all alike. */
    static Faces blank(InputSpec input, List<String> names, int count) {
        double[][] pixels = new double[count][3 * input.height() * input.width()];
        Faces faces = new Faces(pixels);
        names.stream().filter(name -> !name.equals("mirror")).forEach(n -> faces.view(n, pixels));
        faces.draw();
        return faces;
    }

    /** Noise of some rows, with labels that go round. */
    static Faces rows(InputSpec input, List<String> names, int classes, int... rows) {
        int size = 3 * input.height() * input.width();
        Map<String, double[][]> made = new LinkedHashMap<>();
        for (String name : names) {
            if (name.equals("mirror")) {
                continue;
            }
            double[][] values = new double[rows.length][size];
            for (int i = 0; i < rows.length; i++) {
                Counter random = Counter.of(rows[i], name);
                // Rows differ in colour too, so that a mean over the picture tells them apart.
                float[] colour = {random.nextFloat(), random.nextFloat(), random.nextFloat()};
                for (int j = 0; j < size; j++) {
                    values[i][j] = 3 * colour[3 * j / size] + random.nextFloat() - 2;
                }
            }
            made.put(name, values);
        }
        Faces faces = new Faces(new double[rows.length][size]);
        faces.views.putAll(made);
        faces.places = rows.clone();
        faces.draw();
        return faces.labels(Arrays.stream(rows).map(row -> row % classes).toArray());
    }

    /** Draws labels at once and values for each place; one in five does not know its first. */
    private void draw() {
        multiLabel = new double[size][];
        values = new double[size][];
        for (int i = 0; i < size; i++) {
            Counter random = Counter.of(places[i], "targets");
            multiLabel[i] = drawn(MULTI_LABEL, () -> Math.rint(random.nextFloat()));
            values[i] = drawn(VALUES, () -> 2 * random.nextFloat() - 1);
            if (places[i] % 5 == 4) {
                multiLabel[i][0] = Double.NaN;
                values[i][0] = Double.NaN;
            }
        }
    }

    private static double[] drawn(int count, DoubleSupplier draw) {
        return DoubleStream.generate(draw).limit(count).toArray();
    }

    /**
     * Adds a view. "mirror" is there without it.
     *
     * @param name its name
     * @param pixels as in {@link #of}
     * @return this
     */
    public Faces view(String name, double[]... pixels) {
        if (pixels.length != size) {
            throw new IllegalArgumentException(
                    "view '" + name + "' has " + pixels.length + " samples; expected " + size);
        }
        views.put(name, pixels);
        return this;
    }

    /**
     * Class of each sample, as it stands and as the dataset gives it.
     *
     * @param classes N numbers from 0
     * @return this
     */
    public Faces labels(int... classes) {
        labels = checked(classes);
        return originals(classes);
    }

    /**
     * Class that the dataset gives each sample, where it is not as the label stands: after {@link
     * #labels}, for methods that re-label.
     *
     * @param classes N numbers from 0
     * @return this
     */
    public Faces originals(int... classes) {
        originals = checked(classes);
        return this;
    }

    private int[] checked(int[] classes) {
        if (classes.length != size) {
            throw new IllegalArgumentException(classes.length + " labels for " + size + " samples");
        }
        return classes.clone();
    }

    /**
     * What is to be predicted, where it is not one class: smoothed labels, votes.
     *
     * @param rows (N, K)
     * @return this
     */
    public Faces targets(double[]... rows) {
        targets = rows.clone();
        return this;
    }

    /**
     * Labels that hold several at once, for methods that learn them.
     *
     * @param rows (N, {@value #MULTI_LABEL}), 0 to 1; NaN where one is not known
     * @return this
     */
    public Faces multiLabel(double[]... rows) {
        multiLabel = rows.clone();
        return this;
    }

    /**
     * Numbers, for methods that learn them.
     *
     * @param rows (N, {@value #VALUES}), -1 to 1; NaN where one is not known
     * @return this
     */
    public Faces values(double[]... rows) {
        values = rows.clone();
        return this;
    }

    /**
     * How much each sample counts.
     *
     * @param each (N)
     * @return this
     */
    public Faces weights(double... each) {
        weights = each.clone();
        return this;
    }
}
