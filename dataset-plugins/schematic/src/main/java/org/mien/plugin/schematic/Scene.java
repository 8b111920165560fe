// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.schematic;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One drawing in numbers, all that {@link Painter} needs. Numbers that come along as attributes are
 * rounded before they are drawn, so an attribute is exactly what was drawn.
 *
 * <p>Left and right are those of the picture. Angles are in degrees: yaw above 0 turns the face to
 * the right of the picture, pitch above 0 down, roll above 0 clockwise.
 *
 * @param person who
 * @param expression class
 * @param strength of the expression as a whole, 0 to 1; 0 for neutral
 * @param side half with the full expression, or ANY when both are equal
 * @param left strength of each action unit on the left half, by ordinal
 * @param right the same on the right half
 * @param yaw degrees
 * @param pitch degrees
 * @param roll degrees
 * @param scale half the height of the head as a share of the picture
 * @param shiftX of the head's centre from the picture's, as a share of the picture
 * @param shiftY the same downwards
 * @param gazeX of the eyes, -1 (left) to 1
 * @param gazeY of the eyes, -1 (up) to 1
 * @param lightX where the light comes from, -1 (left) to 1
 * @param lightY where the light comes from, -1 (above) to 1
 * @param light strength of the directed light, 0 (flat) to 1
 * @param gain brightness of the whole picture
 * @param warmth of the light, -1 (blue) to 1 (red)
 * @param occluder what hides a part of the face
 * @param hideX centre of what is hidden, in head units from the middle of the head
 * @param hideY the same downwards
 * @param hideTurn its turn in degrees
 * @param blur share of the neighbours in a pixel, 0 to 1
 * @param noise standard deviation of the camera's noise, 1 is white
 * @param key of everything without a name: background, grain, colours
 */
record Scene(
        Person person,
        Expression expression,
        double strength,
        SchematicDataset.Side side,
        double[] left,
        double[] right,
        double yaw,
        double pitch,
        double roll,
        double scale,
        double shiftX,
        double shiftY,
        double gazeX,
        double gazeY,
        double lightX,
        double lightY,
        double light,
        double gain,
        double warmth,
        Occluder occluder,
        double hideX,
        double hideY,
        double hideTurn,
        double blur,
        double noise,
        long key) {
    /** What can lie over a face. */
    enum Occluder {
        NONE,
        BAR,
        HAND,
        SCARF,
        SUNGLASSES,
        PATCH
    }

    /** Strength of the strongest small movement. */
    private static final double TWITCH = 0.12;

    // Each kind of draw has a stream of its own: another asymmetry, say, leaves pose and light as
    // they were, and two sets that differ in one key can be compared picture by picture.
    private static final long PERSON = 1;
    private static final long UNITS = 2;
    private static final long SIDE = 3;
    private static final long POSE = 4;
    private static final long LIGHT = 5;
    private static final long OCCLUSION = 6;
    private static final long REST = 7;

    /**
     * The drawing of an index.
     *
     * @param settings the keys
     * @param split which of the three series, 0 to 2
     * @param index place in it
     * @return the drawing; the same for the same arguments
     */
    static Scene of(SchematicDataset.Settings settings, int split, long index) {
        long seed = settings.seed();
        long who = index / settings.samplesPerIdentity();
        Expression[] all = Expression.values();
        Expression expression = all[(int) (index % all.length)];

        Draws d = new Draws(seed, split, index, UNITS);
        double strength = d.between(settings.weakest(), 1);
        double[] full = new double[ActionUnit.values().length];
        for (int i = 0; i < full.length; i++) {
            double twitch = d.between(0, TWITCH);
            full[i] = d.chance(0.15) ? twitch : 0;
        }
        double lids = d.between(0, 0.4);
        full[ActionUnit.AU43.ordinal()] = d.chance(0.3) ? lids : 0;
        for (Expression.Part part : expression.parts) {
            boolean takesPart = d.chance(part.probability());
            double value = strength * d.between(part.least(), 1);
            if (takesPart) {
                full[part.unit().ordinal()] = value;
            }
        }

        double asymmetry = settings.asymmetry();
        boolean leftIsFull = new Draws(seed, split, index, SIDE).chance(0.5);
        if (settings.expressiveSide() != SchematicDataset.Side.ANY) {
            leftIsFull = settings.expressiveSide() == SchematicDataset.Side.LEFT;
        }
        double[] left = new double[full.length];
        double[] right = new double[full.length];
        for (int i = 0; i < full.length; i++) {
            left[i] = round(full[i] * (leftIsFull ? 1 : 1 - asymmetry), 2);
            right[i] = round(full[i] * (leftIsFull ? 1 - asymmetry : 1), 2);
        }
        SchematicDataset.Side side =
                asymmetry == 0
                        ? SchematicDataset.Side.ANY
                        : leftIsFull ? SchematicDataset.Side.LEFT : SchematicDataset.Side.RIGHT;

        Draws pose = new Draws(seed, split, index, POSE);
        Draws light = new Draws(seed, split, index, LIGHT);
        Draws hide = new Draws(seed, split, index, OCCLUSION);
        Draws rest = new Draws(seed, split, index, REST);
        Occluder occluder = Occluder.values()[1 + hide.below(Occluder.values().length - 1)];
        return new Scene(
                Person.draw(new Draws(seed, split, who, PERSON)),
                expression,
                expression == Expression.NEUTRAL ? 0 : round(strength, 2),
                side,
                left,
                right,
                round(pose.around(0, 24), 1),
                round(pose.around(0, 14), 1),
                round(pose.around(0, 16), 1),
                pose.around(0.435, 0.05),
                pose.around(0, 0.07),
                pose.around(0.01, 0.06),
                pose.around(0, 1),
                pose.around(0, 0.7),
                round(light.around(0, 1), 2),
                round(light.around(-0.35, 0.7), 2),
                round(light.between(0.1, 0.72), 2),
                light.around(0.97, 0.26),
                light.around(0, 1),
                hide.chance(settings.occlusion()) ? occluder : Occluder.NONE,
                round(hide.around(0, 0.6), 2),
                round(hide.around(0.2, 0.6), 2),
                round(hide.around(0, 40), 1),
                rest.chance(0.4) ? rest.between(0.1, 0.6) : 0,
                rest.between(0.005, 0.025),
                rest.next());
    }

    private static double round(double value, int decimals) {
        double unit = decimals == 1 ? 10 : 100;
        // No minus zero, which would print as -0.0.
        return StrictMath.rint(value * unit) / unit + 0.0;
    }

    /**
     * The same with a face at rest: no action unit, all else as it is.
     *
     * @return the drawing
     */
    Scene atRest() {
        return new Scene(
                person,
                Expression.NEUTRAL,
                0,
                side,
                new double[left.length],
                new double[right.length],
                yaw,
                pitch,
                roll,
                scale,
                shiftX,
                shiftY,
                gazeX,
                gazeY,
                lightX,
                lightY,
                light,
                gain,
                warmth,
                occluder,
                hideX,
                hideY,
                hideTurn,
                blur,
                noise,
                key);
    }

    /**
     * Which action units are there: those that are stronger on one half than any small movement.
     *
     * @return 1 or 0 for each, by ordinal
     */
    float[] units() {
        float[] units = new float[left.length];
        for (int i = 0; i < units.length; i++) {
            units[i] = Math.max(left[i], right[i]) > TWITCH ? 1 : 0;
        }
        return units;
    }

    /** How pleasant, -1 to 1. */
    float valence() {
        return (float) (expression.valence * strength);
    }

    /** How excited, -1 to 1. */
    float arousal() {
        return (float) (expression.arousal * strength);
    }

    /**
     * What was drawn, as text.
     *
     * @return name to value, the same names for every drawing
     */
    Map<String, String> attributes() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("strength", text(strength, 2));
        facts.put(
                "expressive-side",
                side == SchematicDataset.Side.ANY ? "both" : side.name().toLowerCase(Locale.ROOT));
        facts.put("yaw", text(yaw, 1));
        facts.put("pitch", text(pitch, 1));
        facts.put("roll", text(roll, 1));
        facts.put("light-x", text(lightX, 2));
        facts.put("light-y", text(lightY, 2));
        facts.put("light-strength", text(light, 2));
        facts.put("occlusion", occluder.name().toLowerCase(Locale.ROOT));
        for (ActionUnit unit : ActionUnit.values()) {
            facts.put(unit.left, text(left[unit.ordinal()], 2));
            facts.put(unit.right, text(right[unit.ordinal()], 2));
        }
        return facts;
    }

    /**
     * A rounded number as text, without the cost of a formatter: there are tens of a sample.
     *
     * @param value rounded to {@code decimals}
     * @param decimals 1 or 2
     * @return for example {@code -0.50}
     */
    static String text(double value, int decimals) {
        long unit = decimals == 1 ? 10 : 100;
        long whole = StrictMath.round(value * unit);
        long size = Math.abs(whole);
        String fraction = Long.toString(size % unit + unit).substring(1);
        return ((whole < 0 ? "-" : "") + size / unit + "." + fraction).intern();
    }
}
