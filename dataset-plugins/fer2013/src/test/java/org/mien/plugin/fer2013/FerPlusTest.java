// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fer2013;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mien.api.data.Dataset;
import org.mien.api.data.Sample;
import org.mien.plugin.fer2013.Fer2013Dataset.Labels;

class FerPlusTest {
    private static final String HEADER =
            "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,"
                    + "unknown,NF\n";
    private static final String PIXELS = "7 ".repeat(2304).trim();

    // Classes by the names here.
    private static final int ANGER = 0;
    private static final int FEAR = 2;
    private static final int HAPPINESS = 3;
    private static final int SADNESS = 4;
    private static final int SURPRISE = 5;
    private static final int NEUTRAL = 6;
    private static final int CONTEMPT = 7;

    @TempDir Path folder;

    /** A file of faces, all angry, one for each Usage. */
    private Path faces(String... usages) throws IOException {
        return Files.writeString(
                folder.resolve("fer2013.csv"),
                Stream.of(usages)
                        .map(usage -> "0," + PIXELS + "," + usage + "\n")
                        .collect(Collectors.joining("", "emotion,pixels,Usage\n", "")));
    }

    private Path votes(String... rows) throws IOException {
        return Files.writeString(
                folder.resolve("fer2013new.csv"), HEADER + String.join("\n", rows) + "\n");
    }

    private static Dataset.Open open(Path faces, Path votes, Labels labels) throws IOException {
        return new Fer2013Dataset()
                .open(
                        new Fer2013Dataset.Settings(
                                faces,
                                Fer2013Dataset.Test.PUBLIC,
                                votes == null ? "" : votes.toString(),
                                labels));
    }

    private static List<Sample> samples(Path faces, Path votes, Labels labels) throws IOException {
        try (Dataset.Open open = open(faces, votes, labels);
                Stream<Sample> all = open.samples()) {
            return all.toList();
        }
    }

    /** The label that votes alone give a row; null when the row is left out. */
    private Integer label(String votes, Labels labels) throws IOException {
        // The first row keeps the file from being one without any label.
        List<Sample> all =
                samples(
                        faces("Training", "Training"),
                        votes("Training,a.png,10,0,0,0,0,0,0,0,0,0", "Training,b.png," + votes),
                        labels);
        return all.size() == 1 ? null : (Integer) all.get(1).label();
    }

    @Test
    void majorityIsTheAuthorsRule() throws IOException {
        assertEquals(HAPPINESS, label("0,10,0,0,0,0,0,0,0,0", Labels.MAJORITY));
        assertEquals(CONTEMPT, label("4,0,0,0,0,0,0,6,0,0", Labels.MAJORITY));
        // Half is not more than half.
        assertNull(label("5,5,0,0,0,0,0,0,0,0", Labels.MAJORITY));
        assertNull(label("2,5,3,0,0,0,0,0,0,0", Labels.MAJORITY));
        // 4 of 10, but single votes do not count: 4 of 7.
        assertEquals(ANGER, label("1,1,1,3,4,0,0,0,0,0", Labels.MAJORITY));
        assertNull(label("0,2,1,3,4,0,0,0,0,0", Labels.MAJORITY));
        // Unknown and NF count among the rest, and win no row.
        assertNull(label("0,0,0,0,0,0,5,0,5,0", Labels.MAJORITY));
        assertEquals(FEAR, label("0,0,0,0,0,0,5,0,4,1", Labels.MAJORITY));
        assertNull(label("0,0,0,0,0,0,4,0,6,0", Labels.MAJORITY));
        assertNull(label("0,0,0,0,0,0,0,0,0,10", Labels.MAJORITY));
        // Nothing is left of single votes.
        assertNull(label("1,1,1,1,1,1,1,1,1,1", Labels.MAJORITY));
    }

    @Test
    void argmaxIsOverTheEightAlone() throws IOException {
        assertEquals(FEAR, label("0,0,0,0,0,0,2,0,8,0", Labels.ARGMAX));
        assertEquals(CONTEMPT, label("0,0,0,0,0,0,0,1,0,9", Labels.ARGMAX));
        // Among equals the first of the FER+ file, not of the classes here.
        assertEquals(NEUTRAL, label("5,0,0,0,5,0,0,0,0,0", Labels.ARGMAX));
        assertEquals(SURPRISE, label("0,0,3,3,3,0,0,0,1,0", Labels.ARGMAX));
        assertNull(label("0,0,0,0,0,0,0,0,0,10", Labels.ARGMAX));
        assertNull(label("0,0,0,0,0,0,0,0,0,0", Labels.ARGMAX));
    }

    @Test
    void distributionGivesSharesInTheOrderOfTheClasses() throws IOException {
        List<Sample> all =
                samples(
                        faces("Training", "Training", "PublicTest"),
                        votes(
                                "Training,a.png,1,2,0,4,0,0,0,1,2,0",
                                "Training,b.png,0,0,0,0,0,0,0,0,3,7",
                                "PublicTest,c.png,0,0,0,0,1,2,3,0,0,0"),
                        Labels.DISTRIBUTION);
        assertEquals(List.of("fer2013-1", "fer2013-3"), all.stream().map(Sample::id).toList());
        assertEquals(SADNESS, all.get(0).label());
        assertArrayEquals(
                new float[] {0, 0, 0, 0.25f, 0.5f, 0, 0.125f, 0.125f}, all.get(0).votes());
        assertEquals(FEAR, all.get(1).label());
        assertArrayEquals(new float[] {1f / 6, 2f / 6, 3f / 6, 0, 0, 0, 0, 0}, all.get(1).votes());
        assertEquals(Sample.Split.TEST, all.get(1).split());
    }

    @Test
    void rowsAreJoinedByOrderAndThoseWithoutNameLeftOut() throws IOException {
        Path faces = faces("Training", "Training", "Training", "PublicTest");
        // Names that would join otherwise.
        Path votes =
                votes(
                        "Training,fer0000003.png,0,9,0,0,0,0,0,0,0,0",
                        "Training,,0,0,9,0,0,0,0,0,0,0",
                        "Training,fer0000000.png,0,0,0,9,0,0,0,0,0,0",
                        "PublicTest,fer0000001.png,0,0,0,0,9,0,0,0,0,0");
        for (Labels labels : List.of(Labels.MAJORITY, Labels.ARGMAX, Labels.DISTRIBUTION)) {
            List<Sample> all = samples(faces, votes, labels);
            assertEquals(
                    List.of("fer2013-1", "fer2013-3", "fer2013-4"),
                    all.stream().map(Sample::id).toList());
            assertEquals(
                    List.of(HAPPINESS, SADNESS, ANGER), all.stream().map(Sample::label).toList());
            assertEquals(labels == Labels.DISTRIBUTION, all.get(0).votes() != null);
        }
    }

    @Test
    void classesAreEightWithVotesAndSevenWithout() throws IOException {
        Path faces = faces("Training");
        Path votes = votes("Training,a.png,0,9,0,0,0,0,0,0,0,0");
        List<String> eight =
                List.of(
                        "anger",
                        "disgust",
                        "fear",
                        "happiness",
                        "sadness",
                        "surprise",
                        "neutral",
                        "contempt");
        try (Dataset.Open open = open(faces, votes, Labels.ARGMAX)) {
            assertEquals(eight, open.targets().classes());
            assertEquals(3 * 2304, open.read(open.samples().toList().get(0)).bytes().remaining());
        }
        // The votes are not even looked for.
        try (Dataset.Open open = open(faces, folder.resolve("none.csv"), Labels.FER2013)) {
            assertEquals(eight.subList(0, 7), open.targets().classes());
            assertEquals(ANGER, open.samples().toList().get(0).label());
        }
    }

    @Test
    void votesMayBeGzipWithWindowsLinesAndMark() throws IOException {
        Path packed = folder.resolve("votes.csv");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
            String text = "\uFEFF" + HEADER + "Training,a.png,0,0,0,0,0,0,0,9,0,1\n\n";
            out.write(text.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
        }
        assertEquals(CONTEMPT, samples(faces("Training"), packed, Labels.MAJORITY).get(0).label());
    }

    @Test
    void rulesWithoutVotesAreRefused() {
        for (Labels labels : List.of(Labels.MAJORITY, Labels.ARGMAX, Labels.DISTRIBUTION)) {
            String message =
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> open(folder.resolve("x.csv"), null, labels))
                            .getMessage();
            assertTrue(
                    message.contains(
                            "labels is " + labels.name().toLowerCase() + " and votes is empty"),
                    message);
            assertTrue(message.contains("Set votes to fer2013new.csv"), message);
        }
    }

    private void assertSays(Path faces, Path votes, String... parts) {
        String message =
                assertThrows(IOException.class, () -> open(faces, votes, Labels.MAJORITY))
                        .getMessage();
        assertTrue(message.startsWith("fer2013: " + votes.toAbsolutePath()), message);
        assertTrue(message.endsWith("."), message);
        assertEquals(1, message.lines().count());
        for (String part : parts) {
            assertTrue(message.contains(part), message + " lacks: " + part);
        }
    }

    @Test
    void filesThatDoNotBelongTogetherAreTold() throws IOException {
        String row = ",a.png,0,9,0,0,0,0,0,0,0,0";
        Path faces = faces("Training", "Training", "PublicTest");
        assertSays(faces, votes("Training" + row), "has 1 row; expected 3", faces.toString());
        assertSays(
                faces,
                votes("Training" + row, "Training" + row, "PublicTest" + row, "PublicTest" + row),
                "has 4 rows; expected 3",
                "joined by their order");
        assertSays(
                faces,
                votes("Training" + row, "PublicTest" + row, "Training" + row),
                "row 2 has the Usage PublicTest; expected Training",
                faces.toString());
        String none = ",a.png,0,0,0,0,0,0,0,0,10,0";
        assertSays(
                faces,
                votes("Training" + none, "Training" + none, "PublicTest" + none),
                "gives none of its 3 rows a label by the rule majority");
    }

    @Test
    void oddVotesAreToldByLineFindingAndExpectation() throws IOException {
        Path faces = faces("Training");
        String[][] odd = {
            {"Training,a.png,0,9,x,0,0,0,0,0,0,0", "the vote for surprise is 'x'"},
            {"Training,a.png,0,9,,0,0,0,0,0,0,0", "the vote for surprise is ''"},
            {"Training,a.png,-1,9,0,0,0,0,0,0,0,0", "the vote for neutral is '-1'"},
            {"Training,a.png,0.5,9,0,0,0,0,0,0,0,0", "the vote for neutral is '0.5'"},
            {"Training,a.png,0,9,0,0,0,0,0,0,0,10001", "the vote for NF is '10001'"},
            {"Training,a.png,0,9,0,0,0,0,0,0,0,4294967297", "from 0 to 10000"},
            {"Test,a.png,0,9,0,0,0,0,0,0,0,0", "the Usage is 'Test'; expected Training, Public"},
            {"Training,a.png,0,9,0,0,0,0,0,0,0", "11 columns; expected 12, Usage,Image name"},
            {"Training,a.png,0,9,0,0,0,0,0,0,0,0,0", "13 columns; expected 12"},
        };
        for (String[] one : odd) {
            assertSays(faces, votes(one[0]), " line 2: ", one[1], "Mend the row or take it out");
        }
        assertSays(faces, folder.resolve("none.csv"), "does not exist", "Set votes to where");
        assertSays(faces, folder, "is a folder; expected the file fer2013new.csv");
        // The faces given for the votes.
        assertSays(
                faces,
                faces,
                "the header is 'emotion,pixels,Usage'",
                "Point votes to the original fer2013new.csv");
    }

    @Test
    void aPathThatCannotBeIsTold() throws IOException {
        Path faces = faces("Training");
        Fer2013Dataset.Settings settings =
                new Fer2013Dataset.Settings(
                        faces, Fer2013Dataset.Test.PUBLIC, "a\0b", Labels.ARGMAX);
        String message =
                assertThrows(IOException.class, () -> new Fer2013Dataset().open(settings))
                        .getMessage();
        assertTrue(message.contains("which cannot be a path"), message);
    }

    @Test
    void countsOnRealFacesWhereTheyAre() throws IOException {
        Path data = Path.of(System.getProperty("mien.shared", ""), "data/fer2013");
        Path faces = data.resolve("fer2013.csv.gz");
        Path votes = data.resolve("fer2013new.csv.gz");
        Assumptions.assumeTrue(Files.exists(faces) && Files.exists(votes));
        Map<String, Integer> own =
                samples(faces, null, Labels.FER2013).stream()
                        .collect(Collectors.toMap(Sample::id, Sample::label));
        List<Sample> majority = samples(faces, votes, Labels.MAJORITY);
        assertEquals(4148, majority.size());
        // 62.9 % of them.
        assertEquals(2608, majority.stream().filter(s -> own.get(s.id()) == s.label()).count());
        // One row has ten votes for NF.
        List<Sample> argmax = samples(faces, votes, Labels.ARGMAX);
        assertEquals(4948, argmax.size());
        assertFalse(argmax.stream().anyMatch(s -> s.id().equals("fer2013-2217")));
        List<Sample> distribution = samples(faces, votes, Labels.DISTRIBUTION);
        assertEquals(
                argmax.stream().map(s -> s.id() + s.label()).toList(),
                distribution.stream().map(s -> s.id() + s.label()).toList());
        for (Sample sample : distribution) {
            float[] shares = sample.votes();
            float sum = 0;
            for (float share : shares) {
                sum += share;
                assertTrue(share <= shares[sample.label()]);
            }
            assertEquals(1, sum, 1e-6);
        }
    }
}
