// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fer2013;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The FER+ votes (Barsoum et al. 2016, arXiv 1608.01041): about ten people's for each row of
 * FER2013, over eight emotions, "unknown" and "NF" (no face).
 */
final class Votes {
    // Votes are 0 to 10; the bound leaves room for other crowds and none for overflow.
    static final int MOST = 10_000;

    private static final int EMOTIONS = 8;
    private static final List<String> COLUMNS =
            List.of(
                    "neutral",
                    "happiness",
                    "surprise",
                    "sadness",
                    "anger",
                    "disgust",
                    "fear",
                    "contempt",
                    "unknown",
                    "NF");
    private static final Kind KIND =
            new Kind(
                    "fer2013new.csv",
                    "votes",
                    Stream.concat(Stream.of("Usage", "Image name"), COLUMNS.stream()).toList(),
                    Set.of(),
                    "at most 60",
                    "about 2 MB");

    // From a column to the class of the same name.
    private static final int[] CLASS =
            COLUMNS.stream()
                    .limit(EMOTIONS)
                    .mapToInt(Fer2013Dataset.PLUS_LABELS::indexOf)
                    .toArray();

    private record Row(Usage usage, boolean named, int[] votes) {}

    /**
     * What a rule makes of a row.
     *
     * @param label class
     * @param votes a share for each class, sum 1; null when the rule gives a class alone
     */
    record Verdict(int label, float[] votes) {}

    private final Path path;
    private final List<Row> rows;

    private final List<String> notes;

    private Votes(Path path, Table.Read<Row> read) {
        this.path = path;
        rows = read.rows();
        notes = read.notes();
    }

    /** What is to be said about the file. */
    List<String> notes() {
        return notes;
    }

    /**
     * Reads the file and sets it beside the rows it votes on, by order alone: the number in an
     * image's name is not the row's, since 173 rows of the original have no name.
     *
     * @param path plain or packed
     * @param faces the rows voted on
     * @param of their file, for messages
     * @return a row of votes for each
     * @throws IOException in words: file, line, what was found, what was expected, what to do
     */
    static Votes read(Path path, Rows faces, Path of) throws IOException {
        Votes votes = new Votes(path, Table.read(path, KIND, Votes::row));
        if (votes.rows.size() != faces.size()) {
            throw new IOException(
                    "fer2013: "
                            + path.toAbsolutePath()
                            + " has "
                            + votes.rows.size()
                            + (votes.rows.size() == 1 ? " row" : " rows")
                            + "; expected "
                            + faces.size()
                            + " as in "
                            + of.toAbsolutePath()
                            + ", since they are joined by their order. Set votes to the FER+ file"
                            + " of these faces.");
        }
        for (int i = 0; i < faces.size(); i++) {
            Usage usage = votes.rows.get(i).usage;
            if (usage != faces.usage(i)) {
                throw new IOException(
                        "fer2013: "
                                + path.toAbsolutePath()
                                + " row "
                                + (i + 1)
                                + " has the Usage "
                                + usage.text
                                + "; expected "
                                + faces.usage(i).text
                                + " as in the same row of "
                                + of.toAbsolutePath()
                                + ". Set votes to the FER+ file of these faces, in their order.");
            }
        }
        return votes;
    }

    private static Row row(Table at) throws IOException {
        int[] votes = new int[COLUMNS.size()];
        for (int v = 0; v < votes.length; v++) {
            String text = at.cell(v + 2);
            // Tables that had gaps once write whole numbers as 3.0.
            String digits = text.replaceFirst("\\.0*$", "");
            int value = digits.matches("[0-9]{1,9}") ? Integer.parseInt(digits) : MOST + 1;
            if (value > MOST) {
                throw at.mend(
                        "the vote for " + COLUMNS.get(v) + " is '" + text + "'",
                        "a whole number from 0 to " + MOST);
            }
            votes[v] = value;
        }
        return new Row(Usage.of(at, 0), !at.cell(1).isBlank(), votes);
    }

    /**
     * Applies a rule to every row.
     *
     * @param rule any but FER2013
     * @return for each row its verdict, null where the rule gives none
     * @throws IOException when it gives none at all
     */
    Verdict[] by(Fer2013Dataset.Labels rule) throws IOException {
        Verdict[] verdicts = new Verdict[rows.size()];
        for (int i = 0; i < verdicts.length; i++) {
            Row row = rows.get(i);
            // A row without a name is one that FER+ leaves out, votes or not.
            verdicts[i] = row.named ? verdict(row.votes, rule) : null;
        }
        if (Arrays.stream(verdicts).noneMatch(v -> v != null)) {
            throw new IOException(
                    "fer2013: "
                            + path.toAbsolutePath()
                            + " gives none of its "
                            + rows.size()
                            + " rows a label by the rule "
                            + rule.name().toLowerCase(Locale.ROOT)
                            + ". Check that this is the file you meant, or set labels to another"
                            + " rule.");
        }
        return verdicts;
    }

    private static Verdict verdict(int[] votes, Fer2013Dataset.Labels rule) {
        return switch (rule) {
            case FER2013 -> throw new IllegalArgumentException("FER2013 is no rule of votes");
            case MAJORITY -> majority(votes);
            case ARGMAX -> {
                int top = top(votes, EMOTIONS);
                yield votes[top] == 0 ? null : new Verdict(CLASS[top], null);
            }
            case DISTRIBUTION -> distribution(votes);
        };
    }

    // A single vote is an outlier; the authors take it out, then ask for more than half of what is
    // left, "unknown" and "NF" counted.
    private static Verdict majority(int[] votes) {
        int[] kept = Arrays.stream(votes).map(v -> v == 1 ? 0 : v).toArray();
        int top = top(kept, kept.length);
        boolean most = 2 * kept[top] > Arrays.stream(kept).sum();
        return most && top < EMOTIONS ? new Verdict(CLASS[top], null) : null;
    }

    private static Verdict distribution(int[] votes) {
        int sum = Arrays.stream(votes, 0, EMOTIONS).sum();
        if (sum == 0) {
            return null;
        }
        float[] shares = new float[EMOTIONS];
        for (int v = 0; v < EMOTIONS; v++) {
            shares[CLASS[v]] = (float) votes[v] / sum;
        }
        return new Verdict(CLASS[top(votes, EMOTIONS)], shares);
    }

    /** The first column with the most votes, in the file's order, among the first few. */
    private static int top(int[] votes, int among) {
        int top = 0;
        for (int v = 1; v < among; v++) {
            top = votes[v] > votes[top] ? v : top;
        }
        return top;
    }
}
