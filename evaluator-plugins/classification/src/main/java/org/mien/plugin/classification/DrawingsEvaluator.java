// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.classification;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mien.api.Key;
import org.mien.api.data.Picture;
import org.mien.api.evaluate.Drawing;
import org.mien.api.evaluate.Evaluator;
import org.mien.api.evaluate.Findings;
import org.mien.api.evaluate.Judge;
import org.mien.api.evaluate.Results;
import org.osgi.service.component.annotations.Component;

/**
 * Judges the pictures that a method draws of faces, whatever the method: PF-ViT's poker faces, for
 * example. {@code face} in the names below is the face itself. For each picture NAME:
 *
 * <ul>
 *   <li>metric {@code NAME error}: mean absolute difference from the face, of values from 0 to 1;
 *   <li>where the dataset knows the face at rest, metrics {@code NAME error inside} and {@code NAME
 *       error outside}: the same over the pixels that the expression changes, and over the others;
 *       {@code NAME from rest inside}: the difference from the face at rest over the former, 0 for
 *       a perfect poker face;
 *   <li>with {@code drawings.judge}, over faces of other classes than {@code drawings.neutral}:
 *       metric {@code NAME called CLASS}, the share that another run calls neutral, and {@code NAME
 *       keeps class}, the share to which it gives the face's label.
 * </ul>
 *
 * <p>Table {@code drawings}: a row for each picture with all of it.
 */
@Component(property = "mien.id=drawings")
public final class DrawingsEvaluator implements Evaluator<DrawingsEvaluator.Settings> {
    /** Pictures that the judge gets at once. */
    private static final int BATCH = 64;

    /** The face itself among the pictures. */
    private static final String FACE = "face";

    /**
     * Keys {@code drawings.*}.
     *
     * @param judge a run, trained apart, that says which expression a picture shows
     * @param neutral the class that a face without expression has
     * @param change what counts as changed by an expression
     * @param pictures which pictures are judged
     */
    public record Settings(
            @Key(
                            value = "",
                            doc =
                                    "id of another run that is asked which expression the pictures"
                                            + " show; empty to ask none")
                    String judge,
            @Key(value = "neutral", doc = "name of the class without an expression") String neutral,
            @Key(
                            value = "0.05",
                            min = 0,
                            max = 1,
                            doc =
                                    "least difference of a pixel from the face at rest, of values from 0"
                                            + " to 1, for it to be inside the expressive region")
                    double change,
            @Key(
                            value = "",
                            doc =
                                    "names of the pictures that are judged; empty for all that are drawn")
                    List<String> pictures) {}

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public void evaluate(Results results, Settings settings, Findings findings) {
        Judge judge = settings.judge().isBlank() ? null : results.judge(settings.judge().strip());
        Tally tally = new Tally(settings, judge, results.labels());
        results.drawings(tally::add);
        tally.ask();
        tally.write(results, findings);
    }

    /** Sums of one picture. */
    private static final class Sums {
        double error;
        long values;
        double inside;
        double fromRest;
        long insideValues;
        double outside;
        long outsideValues;
        long neutral;
        long kept;
    }

    /** A picture that waits for the judge. */
    private record Waiting(String name, String label, Picture picture) {}

    private static final class Tally {
        private final Settings settings;
        private final Judge judge;
        private final List<String> labels;
        private final Map<String, Sums> all = new LinkedHashMap<>();
        private final List<Waiting> waiting = new ArrayList<>();
        private long faces;
        private long asked;
        private long known;

        Tally(Settings settings, Judge judge, List<String> labels) {
            this.settings = settings;
            this.judge = judge;
            this.labels = labels;
            if (judge != null && !judge.labels().contains(settings.neutral())) {
                throw new IllegalArgumentException(
                        "drawings: the run that is asked names "
                                + judge.labels()
                                + ", but no '"
                                + settings.neutral()
                                + "'. Set drawings.neutral to one of them");
            }
            List<String> unknown =
                    judge == null
                            ? List.of()
                            : labels.stream()
                                    .filter(label -> !judge.labels().contains(label))
                                    .toList();
            if (!unknown.isEmpty()) {
                throw new IllegalArgumentException(
                        "drawings: the run that is asked names "
                                + judge.labels()
                                + " and can never say "
                                + unknown
                                + ", so whether a picture keeps that class is not known. Ask a run"
                                + " that learnt it");
            }
        }

        void add(Drawing drawing) {
            faces++;
            known += drawing.atRest().isPresent() ? 1 : 0;
            int label = drawing.sample().label();
            String name = label < 0 || label >= labels.size() ? "" : labels.get(label);
            boolean ask = judge != null && !name.equals(settings.neutral());
            asked += ask ? 1 : 0;
            Map<String, Picture> pictures = new LinkedHashMap<>();
            pictures.put(FACE, drawing.face());
            chosen(drawing).forEach(of -> pictures.put(of, drawing.pictures().get(of)));
            pictures.forEach(
                    (of, picture) -> {
                        Sums sums = all.computeIfAbsent(of, key -> new Sums());
                        compare(drawing, of, picture, sums);
                        if (ask) {
                            waiting.add(new Waiting(of, name, picture));
                        }
                    });
            if (waiting.size() >= BATCH) {
                ask();
            }
        }

        private Collection<String> chosen(Drawing drawing) {
            Set<String> drawn = drawing.pictures().keySet();
            if (settings.pictures().isEmpty()) {
                return drawn;
            }
            for (String name : settings.pictures()) {
                if (!drawn.contains(name)) {
                    throw new IllegalArgumentException(
                            "drawings: no picture is named '"
                                    + name
                                    + "'; the method draws "
                                    + String.join(", ", drawn)
                                    + ". Set drawings.pictures to some of them, or leave it out");
                }
            }
            return settings.pictures();
        }

        private void compare(Drawing drawing, String of, Picture picture, Sums sums) {
            Picture face = drawing.face();
            Picture rest = drawing.atRest().orElse(null);
            same(of, face, picture);
            if (rest != null) {
                same("face at rest", face, rest);
            }
            ByteBuffer original = face.bytes();
            ByteBuffer drawn = picture.bytes();
            ByteBuffer still = rest == null ? null : rest.bytes();
            for (int i = 0; i < original.remaining(); i += 3) {
                boolean inside = still != null && changed(original, still, i);
                for (int c = i; c < i + 3; c++) {
                    double error = difference(drawn, original, c);
                    sums.error += error;
                    sums.values++;
                    if (inside) {
                        sums.inside += error;
                        sums.fromRest += difference(drawn, still, c);
                        sums.insideValues++;
                    } else if (still != null) {
                        sums.outside += error;
                        sums.outsideValues++;
                    }
                }
            }
        }

        private static void same(String of, Picture face, Picture other) {
            if (face.width() != other.width() || face.height() != other.height()) {
                throw new IllegalArgumentException(
                        "drawings: '"
                                + of
                                + "' has "
                                + other.width()
                                + " x "
                                + other.height()
                                + " pixels, the face "
                                + face.width()
                                + " x "
                                + face.height()
                                + "; they must be the same to be compared");
            }
        }

        private boolean changed(ByteBuffer face, ByteBuffer rest, int pixel) {
            double most = 0;
            for (int c = pixel; c < pixel + 3; c++) {
                most = Math.max(most, difference(face, rest, c));
            }
            return most > settings.change();
        }

        private static double difference(ByteBuffer a, ByteBuffer b, int at) {
            return Math.abs((a.get(at) & 255) - (b.get(at) & 255)) / 255.0;
        }

        void ask() {
            if (waiting.isEmpty()) {
                return;
            }
            float[][] rows = judge.probabilities(waiting.stream().map(Waiting::picture).toList());
            for (int i = 0; i < rows.length; i++) {
                Waiting one = waiting.get(i);
                String said = judge.labels().get(likeliest(rows[i]));
                Sums sums = all.get(one.name());
                sums.neutral += said.equals(settings.neutral()) ? 1 : 0;
                sums.kept += said.equals(one.label()) ? 1 : 0;
            }
            waiting.clear();
        }

        private static int likeliest(float[] row) {
            int best = 0;
            for (int k = 1; k < row.length; k++) {
                best = row[k] > row[best] ? k : best;
            }
            return best;
        }

        void write(Results results, Findings findings) {
            List<String> columns = new ArrayList<>(List.of("picture", "error"));
            if (known > 0) {
                columns.addAll(List.of("error inside", "error outside", "from rest inside"));
            }
            if (judge != null) {
                columns.addAll(List.of("called " + settings.neutral(), "keeps class"));
            }
            int judged = judge == null ? 0 : 2;
            List<List<?>> rows = new ArrayList<>();
            all.forEach(
                    (name, sums) -> {
                        List<Object> row = new ArrayList<>(List.of(name, sums.error / sums.values));
                        if (known > 0) {
                            row.add(sums.inside / sums.insideValues);
                            row.add(sums.outside / sums.outsideValues);
                            row.add(sums.fromRest / sums.insideValues);
                        }
                        if (judge != null) {
                            row.add((double) sums.neutral / asked);
                            row.add((double) sums.kept / asked);
                        }
                        for (int i = 1; i < row.size(); i++) {
                            boolean itself =
                                    name.equals(FACE) && columns.get(i).startsWith("error");
                            if (!itself) { // the face does not differ from itself
                                boolean share = i >= columns.size() - judged;
                                findings.metric(
                                        name + " " + columns.get(i),
                                        (double) row.get(i),
                                        share ? Findings.Unit.SHARE : Findings.Unit.NUMBER);
                            }
                        }
                        rows.add(row);
                    });
            findings.table("drawings", columns, rows);
            notes(results, findings);
        }

        /**
         * NaN, with a note, where an expression changes no pixel or everything, or nobody asked.
         */
        private void notes(Results results, Findings findings) {
            Sums one = all.get(FACE);
            if (known > 0 && (one.insideValues == 0 || one.outsideValues == 0)) {
                findings.note(
                        (one.insideValues == 0 ? "No" : "Every")
                                + " pixel differs from the face at rest by more than"
                                + " drawings.change; where there is nothing to average, the value"
                                + " is not a number.");
            }
            if (judge != null && asked == 0) {
                findings.note(
                        "Every face is labelled " + settings.neutral() + ": none to ask about.");
            }
            if (known == 0) {
                findings.note(
                        "The dataset does not know its faces at rest, so there is no inside and"
                                + " outside of what an expression changes.");
            } else if (known < faces) {
                findings.note(known + " of " + faces + " faces are known at rest.");
            }
            if (judge == null) {
                findings.note("Nobody was asked what the pictures show: drawings.judge is empty.");
            } else {
                findings.note(
                        "Run "
                                + settings.judge().strip()
                                + " was asked about "
                                + asked
                                + " of "
                                + results.samples().size()
                                + " faces: those that are not labelled "
                                + settings.neutral()
                                + ".");
            }
        }
    }
}
