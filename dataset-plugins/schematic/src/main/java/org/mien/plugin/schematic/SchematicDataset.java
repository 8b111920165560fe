// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.schematic;

import java.io.IOException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.mien.api.Key;
import org.mien.api.data.Dataset;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.data.Target;
import org.mien.api.data.Targets;
import org.osgi.service.component.annotations.Component;

/**
 * Drawn faces: as many as wanted, from a seed, with nobody's rights in them.
 *
 * <p>Each split is an endless series of its own, of which the keys say how much is taken: a larger
 * training split changes neither its own first faces nor any face of another split. Face n of a
 * split is a function of the seed, the split, n and the keys; its class is n modulo 7, its person n
 * divided by {@code samples-per-identity}. No person occurs in two splits.
 */
@Component(property = "mien.id=schematic")
public final class SchematicDataset implements Dataset<SchematicDataset.Settings> {
    /** A half of the face as it lies in the picture, not the person's own left and right. */
    public enum Side {
        /** Drawn for each face. */
        ANY,
        /** The half on the left of the picture. */
        LEFT,
        /** The half on the right of the picture. */
        RIGHT
    }

    /**
     * The keys.
     *
     * @param train number of training faces
     * @param validation number of validation faces
     * @param test number of test faces
     * @param seed of every draw
     * @param size pixels
     * @param samplesPerIdentity faces of one person
     * @param weakest smallest strength
     * @param asymmetry how much weaker one half is
     * @param expressiveSide which half is the stronger
     * @param occlusion share of faces partly hidden
     * @param mirroredTest whether test faces come mirrored too
     */
    public record Settings(
            @Key(value = "3500", min = 0, max = 1e9, doc = "number of training faces") long train,
            @Key(value = "700", min = 0, max = 1e9, doc = "number of validation faces")
                    long validation,
            @Key(value = "1400", min = 0, max = 1e9, doc = "number of test faces") long test,
            @Key(value = "1", doc = "seed of every draw; another seed draws other people")
                    long seed,
            @Key(
                            value = "64",
                            min = 16,
                            max = 1024,
                            doc = "width and height of a picture in pixels")
                    int size,
            @Key(value = "14", min = 1, max = 1e6, doc = "faces of one person")
                    int samplesPerIdentity,
            @Key(
                            value = "0.65",
                            min = 0,
                            max = 1,
                            doc = "smallest strength of an expression; the largest is 1")
                    double weakest,
            @Key(
                            value = "0.2",
                            min = 0,
                            max = 1,
                            doc =
                                    "how much weaker one half's action units are: 0 equal halves, 1 one"
                                            + " half at rest")
                    double asymmetry,
            @Key(
                            value = "any",
                            doc =
                                    "half of the picture with the full expression: any (drawn for each"
                                            + " face), left, right")
                    Side expressiveSide,
            @Key(
                            value = "0.1",
                            min = 0,
                            max = 1,
                            doc =
                                    "share of faces partly hidden by a bar, hand, scarf, sunglasses or"
                                            + " patch")
                    double occlusion,
            @Key(
                            value = "false",
                            doc =
                                    "whether the mirror image of each test face is in the test split"
                                            + " too, attribute mirrored")
                    boolean mirroredTest) {
        /** Checks what one key cannot see alone, and bounds again for who calls without keys. */
        public Settings {
            count("train", train);
            count("validation", validation);
            count("test", test);
            if (train + validation + test == 0) {
                throw new IllegalArgumentException(
                        "train, validation and test are all 0: the dataset would be empty. Set at"
                                + " least one of them above 0.");
            }
            if (size < 16 || size > 1024) {
                throw new IllegalArgumentException(
                        "size is " + size + "; it must be 16 to 1024 pixels.");
            }
            if (samplesPerIdentity < 1) {
                throw new IllegalArgumentException(
                        "samples-per-identity is "
                                + samplesPerIdentity
                                + "; a person needs at least 1 face.");
            }
            share("weakest", weakest);
            share("asymmetry", asymmetry);
            share("occlusion", occlusion);
            if (expressiveSide == null) {
                throw new IllegalArgumentException(
                        "expressive-side is missing; it must be any, left or right.");
            }
        }

        private static void count(String key, long value) {
            if (value < 0 || value > 1_000_000_000L) {
                throw new IllegalArgumentException(
                        key + " is " + value + "; it must be a number of faces, 0 to 1000000000.");
            }
        }

        private static void share(String key, double value) {
            if (!(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException(
                        key + " is " + value + "; it must be a share from 0 to 1.");
            }
        }
    }

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Set<Target> offers(Settings settings) {
        return EnumSet.of(Target.CLASS, Target.MULTI_LABEL, Target.VALUES);
    }

    @Override
    public Open open(Settings settings) {
        return new Faces(settings);
    }

    private record Faces(Settings settings) implements Open {
        private static final List<Sample.Split> SPLITS =
                List.of(Sample.Split.TRAIN, Sample.Split.VALIDATION, Sample.Split.TEST);
        private static final String MIRRORED = "/mirrored";
        private static final List<String> NAMES = List.of("train", "validation", "test");

        @Override
        public Targets targets() {
            return Targets.classes(
                            Arrays.stream(Expression.values()).map(Expression::label).toList())
                    .withMultiLabel(Arrays.stream(ActionUnit.values()).map(Enum::name).toList())
                    .withValues(
                            new Targets.Value("valence", -1, 1),
                            new Targets.Value("arousal", -1, 1));
        }

        private long count(int split) {
            return split == 0
                    ? settings.train()
                    : split == 1 ? settings.validation() : settings.test();
        }

        @Override
        public Stream<Sample> samples() {
            // One range rather than a stream of streams, whose iterator would hold a whole split.
            long mirrored = settings.mirroredTest() ? count(2) : 0;
            return LongStream.range(0, count(0) + count(1) + count(2) + mirrored)
                    .mapToObj(this::sample);
        }

        private Sample sample(long place) {
            int split = 0;
            long index = place;
            while (split < 3 && index >= count(split)) {
                index -= count(split++);
            }
            return split < 3 ? sample(split, index, false) : sample(2, index, true);
        }

        private Sample sample(int split, long index, boolean mirrored) {
            Scene scene = Scene.of(settings, split, index);
            String name = NAMES.get(split);
            String person = name + "-" + index / settings.samplesPerIdentity();
            Map<String, String> facts = new LinkedHashMap<>();
            facts.put("identity", person);
            facts.put("asymmetry", Double.toString(settings.asymmetry()));
            if (settings.mirroredTest()) {
                facts.put("mirrored", Boolean.toString(mirrored));
            }
            facts.putAll(mirrored ? Mirror.of(scene.attributes()) : scene.attributes());
            return Sample.of(
                            name + "-" + index + (mirrored ? "-mirrored" : ""),
                            name + "/" + index + (mirrored ? MIRRORED : ""))
                    .split(SPLITS.get(split))
                    .label(scene.expression().ordinal())
                    .multiLabel(scene.units())
                    .values(scene.valence(), scene.arousal())
                    .subject(person)
                    .attributes(facts)
                    .build();
        }

        @Override
        public Picture read(Sample sample) throws IOException {
            return draw(sample, UnaryOperator.identity());
        }

        @Override
        public Optional<Picture> atRest(Sample sample) throws IOException {
            Picture rest = draw(sample, Scene::atRest);
            return Optional.of(
                    new Picture(
                            rest.width(),
                            rest.height(),
                            rest.bytes(),
                            read(sample).points(),
                            rest.facts()));
        }

        private Picture draw(Sample sample, UnaryOperator<Scene> change) throws IOException {
            String place = String.valueOf(sample.where());
            boolean mirrored = settings.mirroredTest() && place.matches("test/[0-9]+" + MIRRORED);
            String where =
                    mirrored ? place.substring(0, place.length() - MIRRORED.length()) : place;
            int slash = where.indexOf('/');
            int split = slash < 0 ? -1 : NAMES.indexOf(where.substring(0, slash));
            long index = -1;
            if (split >= 0 && where.substring(slash + 1).matches("[0-9]{1,10}")) {
                index = Long.parseLong(where.substring(slash + 1));
            }
            if (index < 0 || index >= count(split)) {
                throw new IOException(
                        "schematic: no face at '"
                                + place
                                + "'; expected train/0 to train/"
                                + (settings.train() - 1)
                                + " and likewise for validation and test. Use the samples of this"
                                + " dataset with these keys.");
            }
            Scene scene = change.apply(Scene.of(settings, split, index));
            Picture face = new Painter(scene, settings.size()).draw();
            return mirrored ? Mirror.of(face) : face;
        }

        @Override
        public boolean publishable() {
            return true; // nobody sat for them
        }

        @Override
        public void close() {}
    }
}
