// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.schematic;

/**
 * What stays when a face moves: an identity. Lengths are in head units (half the height of the
 * head), colours are RGB from 0 to 1.
 *
 * @param skin colour of the skin
 * @param lips colour of the lips
 * @param hair colour of hair and brows
 * @param iris colour of the irises
 * @param clothes colour of the clothes, and of a head covering
 * @param style what is on the head
 * @param width half width at the cheekbones
 * @param jaw width of the jaw relative to it
 * @param chin how pointed the chin is, 0 to 1
 * @param eyeApart distance of an eye's centre from the middle
 * @param eyeWidth half width of an eye
 * @param eyeHeight opening of an eye at rest
 * @param eyeTilt how much higher the outer corner is
 * @param browHeight of the brows above the eyes
 * @param browThick thickness of the brows
 * @param browArch how much higher the middle is
 * @param browTilt how much higher the outer end is
 * @param noseLength from the eyes' height to the tip
 * @param noseWidth half width at the nostrils
 * @param mouthHeight of the mouth below the middle of the head
 * @param mouthWidth half width of the mouth
 * @param upperLip thickness of the upper lip
 * @param lowerLip thickness of the lower lip
 * @param mouthCurve how much higher the corners are at rest
 * @param beard density of stubble or beard, 0 to 1
 * @param freckles density, 0 to 1
 * @param age depth of lines, 0 to 1
 * @param blush redness of the cheeks, 0 to 1
 * @param glasses whether glasses are worn
 * @param grain key of the texture of the skin
 */
record Person(
        float[] skin,
        float[] lips,
        float[] hair,
        float[] iris,
        float[] clothes,
        Style style,
        double width,
        double jaw,
        double chin,
        double eyeApart,
        double eyeWidth,
        double eyeHeight,
        double eyeTilt,
        double browHeight,
        double browThick,
        double browArch,
        double browTilt,
        double noseLength,
        double noseWidth,
        double mouthHeight,
        double mouthWidth,
        double upperLip,
        double lowerLip,
        double mouthCurve,
        double beard,
        double freckles,
        double age,
        double blush,
        boolean glasses,
        long grain) {
    /** What is on the head. */
    enum Style {
        BALD,
        SHORT,
        SWEPT,
        FRINGE,
        LONG,
        CURLY,
        SCARF
    }

    private static final float[][] SKIN = {
        {0.98f, 0.86f, 0.77f},
        {0.95f, 0.79f, 0.68f},
        {0.89f, 0.70f, 0.55f},
        {0.80f, 0.60f, 0.44f},
        {0.66f, 0.46f, 0.33f},
        {0.50f, 0.34f, 0.25f},
        {0.37f, 0.25f, 0.19f}
    };

    private static final float[][] HAIR = {
        {0.10f, 0.08f, 0.08f},
        {0.20f, 0.13f, 0.09f},
        {0.36f, 0.22f, 0.12f},
        {0.58f, 0.40f, 0.20f},
        {0.83f, 0.69f, 0.42f},
        {0.60f, 0.25f, 0.12f},
        {0.68f, 0.67f, 0.66f}
    };

    private static final float[][] IRIS = {
        {0.25f, 0.14f, 0.07f},
        {0.38f, 0.24f, 0.12f},
        {0.30f, 0.42f, 0.28f},
        {0.30f, 0.46f, 0.62f},
        {0.44f, 0.48f, 0.50f}
    };

    /**
     * A person.
     *
     * @param d draws that belong to this person alone
     * @return the person
     */
    static Person draw(Draws d) {
        double tone = d.unit() * (SKIN.length - 1);
        int low = (int) tone;
        float[] skin = Canvas.mix(SKIN[low], SKIN[low + 1], tone - low);
        float[] lips =
                Canvas.mix(
                        new float[] {skin[0] * 0.86f, skin[1] * 0.62f, skin[2] * 0.62f},
                        new float[] {0.74f, 0.26f, 0.28f},
                        d.between(0, 0.55));
        // Dark skin goes with dark hair more often than not, as in life.
        int colours = tone > 3.2 && d.chance(0.85) ? 2 : HAIR.length;
        float[] hair = HAIR[d.below(colours)].clone();
        float[] iris = IRIS[tone > 3.2 ? d.below(2) : d.below(IRIS.length)].clone();
        float[] clothes = {
            (float) d.between(0.12, 0.9), (float) d.between(0.12, 0.9), (float) d.between(0.12, 0.9)
        };
        Style style = Style.values()[d.below(Style.values().length)];
        boolean canHaveBeard =
                style != Style.SCARF
                        && style != Style.LONG
                        && style != Style.FRINGE
                        && d.chance(0.6);
        double beard = d.between(0.25, 1);
        double freckles = d.between(0.3, 1);
        return new Person(
                skin,
                lips,
                hair,
                iris,
                clothes,
                style,
                d.around(0.76, 0.09),
                d.around(0.90, 0.12),
                d.unit(),
                d.around(0.315, 0.035),
                d.around(0.165, 0.025),
                d.around(0.150, 0.035),
                d.around(0.012, 0.03),
                d.around(0.255, 0.03),
                d.around(0.062, 0.026),
                d.around(0.045, 0.035),
                d.around(0.000, 0.03),
                d.around(0.36, 0.06),
                d.around(0.125, 0.035),
                d.around(0.595, 0.04),
                d.around(0.25, 0.045),
                d.around(0.050, 0.022),
                d.around(0.068, 0.026),
                d.around(0.0, 0.018),
                canHaveBeard ? beard : 0,
                d.chance(0.2) ? freckles : 0,
                d.unit(),
                d.between(0, 0.5),
                d.chance(0.18),
                d.next());
    }
}
