// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Picture;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Point;
import org.opencv.imgproc.Imgproc;
import org.opencv.objdetect.CascadeClassifier;

class ImagesTest {
    private static Picture noise(int width, int height, List<float[]> points) {
        byte[] bytes = new byte[3 * width * height];
        new Random(7).nextBytes(bytes);
        return new Picture(width, height, ByteBuffer.wrap(bytes), points, Map.of("score", 0.25));
    }

    private static List<float[]> face() {
        return List.of(
                new float[] {10, 12},
                new float[] {30, 13},
                new float[] {21, 22.5f},
                new float[] {12, 33},
                new float[] {29, 34});
    }

    @Test
    void shrinkingAverages() {
        Picture picture =
                TestFiles.grey(
                        new int[] {0, 10, 100, 100},
                        new int[] {20, 30, 100, 100},
                        new int[] {0, 0, 200, 204},
                        new int[] {0, 0, 208, 212});
        assertArrayEquals(
                new int[][] {{15, 100}, {0, 206}}, TestFiles.reds(Images.resize(picture, 2, 2)));
    }

    @Test
    void shrinkingByAFractionWeighsByArea() {
        Picture picture = TestFiles.grey(new int[] {0, 90, 180});
        assertArrayEquals(new int[][] {{30, 150}}, TestFiles.reds(Images.resize(picture, 2, 1)));
    }

    @Test
    void enlargingInterpolates() {
        Picture picture = TestFiles.grey(new int[] {0, 100});
        assertArrayEquals(
                new int[][] {{0, 25, 75, 100}, {0, 25, 75, 100}},
                TestFiles.reds(Images.resize(picture, 4, 2)));
    }

    @Test
    void eachDirectionIsTreatedByItself() {
        Picture picture = TestFiles.grey(new int[] {0, 20, 100, 120}, new int[] {40, 60, 140, 160});
        assertArrayEquals(
                new int[][] {{10, 110}, {20, 120}, {40, 140}, {50, 150}},
                TestFiles.reds(Images.resize(picture, 2, 4)));
    }

    @Test
    void resizingMovesPointsAndKeepsFacts() {
        Picture picture =
                noise(40, 20, List.of(new float[] {-0.5f, -0.5f}, new float[] {39.5f, 19.5f}));
        Picture half = Images.resize(picture, 20, 5);
        assertArrayEquals(new float[] {-0.5f, -0.5f}, half.points().get(0));
        assertArrayEquals(new float[] {19.5f, 4.5f}, half.points().get(1));
        assertEquals(Map.of("score", 0.25), half.facts());
        assertSame(picture, Images.resize(picture, 40, 20));
    }

    @Test
    void aBrightSpotAndItsPointStayTogether() {
        int[][] rows = new int[64][64];
        for (int y = 40; y < 44; y++) {
            for (int x = 20; x < 24; x++) {
                rows[y][x] = 255;
            }
        }
        Picture dark = TestFiles.grey(rows);
        Picture picture =
                new Picture(64, 64, dark.bytes(), List.of(new float[] {21.5f, 41.5f}), Map.of());
        for (Picture moved :
                List.of(
                        Images.resize(picture, 32, 32),
                        Images.resize(picture, 128, 32),
                        Images.crop(picture, 10, -3, 50, 60),
                        Images.mirror(picture),
                        Images.rotate(picture, 17),
                        Images.rotate(picture, -100))) {
            double sum = 0;
            double sumX = 0;
            double sumY = 0;
            int[][] reds = TestFiles.reds(moved);
            for (int y = 0; y < moved.height(); y++) {
                for (int x = 0; x < moved.width(); x++) {
                    sum += reds[y][x];
                    sumX += x * reds[y][x];
                    sumY += y * reds[y][x];
                }
            }
            assertEquals(sumX / sum, moved.points().get(0)[0], 0.02);
            assertEquals(sumY / sum, moved.points().get(0)[1], 0.02);
        }
    }

    @Test
    void croppingCutsAndRepeatsTheEdge() {
        Picture picture = TestFiles.grey(new int[] {1, 2, 3}, new int[] {4, 5, 6});
        assertArrayEquals(
                new int[][] {{2, 3}, {5, 6}}, TestFiles.reds(Images.crop(picture, 1, 0, 2, 2)));
        assertArrayEquals(
                new int[][] {
                    {1, 1, 1, 2, 3, 3},
                    {1, 1, 1, 2, 3, 3},
                    {4, 4, 4, 5, 6, 6},
                    {4, 4, 4, 5, 6, 6}
                },
                TestFiles.reds(Images.crop(picture, -2, -1, 6, 4)));
        assertArrayEquals(
                new int[][] {{6, 6}}, TestFiles.reds(Images.crop(picture, 100, 100, 2, 1)));
        assertArrayEquals(
                new int[][] {{1, 1}},
                TestFiles.reds(Images.crop(picture, Integer.MIN_VALUE, Integer.MIN_VALUE, 2, 1)));
        assertArrayEquals(
                new int[][] {{6, 6}},
                TestFiles.reds(Images.crop(picture, Integer.MAX_VALUE, Integer.MAX_VALUE, 2, 1)));
    }

    @Test
    void croppingKeepsColoursMovesPointsAndKeepsFacts() {
        Picture picture = noise(40, 40, face());
        Picture box = Images.crop(picture, 5, 7, 20, 10);
        assertArrayEquals(TestFiles.pixel(picture, 8, 9), TestFiles.pixel(box, 3, 2));
        assertArrayEquals(new float[] {5, 5}, box.points().get(0));
        assertArrayEquals(new float[] {25, 6}, box.points().get(1));
        assertEquals(picture.facts(), box.facts());
    }

    @Test
    void mirroringExchangesLeftAndRight() {
        Picture picture = noise(41, 40, face());
        Picture mirror = Images.mirror(picture);
        assertArrayEquals(TestFiles.pixel(picture, 3, 8), TestFiles.pixel(mirror, 37, 8));
        assertArrayEquals(TestFiles.pixel(picture, 20, 8), TestFiles.pixel(mirror, 20, 8));
        // The eye and the corner on the left of the image stay first.
        assertArrayEquals(new float[] {10, 13}, mirror.points().get(0));
        assertArrayEquals(new float[] {30, 12}, mirror.points().get(1));
        assertArrayEquals(new float[] {19, 22.5f}, mirror.points().get(2));
        assertArrayEquals(new float[] {11, 34}, mirror.points().get(3));
        assertArrayEquals(new float[] {28, 33}, mirror.points().get(4));
        assertEquals(picture.facts(), mirror.facts());
    }

    @Test
    void mirroringTwiceChangesNothing() {
        for (int width : new int[] {1, 2, 7, 40}) {
            Picture picture = noise(width, 9, face());
            Picture twice = Images.mirror(Images.mirror(picture));
            assertEquals(picture.bytes(), twice.bytes());
            for (int i = 0; i < 5; i++) {
                assertArrayEquals(picture.points().get(i), twice.points().get(i));
            }
        }
    }

    @Test
    void aQuarterTurnMovesWholePixelsCounterClockwise() {
        Picture picture =
                TestFiles.grey(new int[] {1, 2, 3}, new int[] {4, 5, 6}, new int[] {7, 8, 9});
        int[][] turned = {{3, 6, 9}, {2, 5, 8}, {1, 4, 7}};
        assertArrayEquals(turned, TestFiles.reds(Images.rotate(picture, 90)));
        assertArrayEquals(turned, TestFiles.reds(Images.rotate(picture, -270)));
        assertArrayEquals(turned, TestFiles.reds(Images.rotate(picture, 360_000_090)));
        assertArrayEquals(
                new int[][] {{7, 4, 1}, {8, 5, 2}, {9, 6, 3}},
                TestFiles.reds(Images.rotate(picture, -90)));
    }

    @Test
    void halfATurnReversesPicturesOfAnySize() {
        for (int[] size : new int[][] {{1, 1}, {2, 2}, {5, 4}, {4, 7}}) {
            Picture picture = noise(size[0], size[1], List.of());
            Picture turned = Images.rotate(picture, 180);
            for (int y = 0; y < size[1]; y++) {
                for (int x = 0; x < size[0]; x++) {
                    assertArrayEquals(
                            TestFiles.pixel(picture, x, y),
                            TestFiles.pixel(turned, size[0] - 1 - x, size[1] - 1 - y));
                }
            }
        }
    }

    @Test
    void rotatingInterpolatesAndRepeatsTheEdge() {
        // Each new pixel lies half a pixel's diagonal from the centre: in the middle of an edge.
        assertArrayEquals(
                new int[][] {{50, 80}, {100, 130}},
                TestFiles.reds(
                        Images.rotate(
                                TestFiles.grey(new int[] {0, 100}, new int[] {200, 60}), 45)));
        int[][] plane = new int[5][5];
        for (int y = 0; y < 5; y++) {
            for (int x = 0; x < 5; x++) {
                plane[y][x] = 10 * x + 20 * y;
            }
        }
        int[][] turned = TestFiles.reds(Images.rotate(TestFiles.grey(plane), 30));
        // (3, 2) shows (2 + cos 30, 2 + sin 30) = (2.866, 2.5): 28.66 + 50.
        assertEquals(79, turned[2][3]);
        // (2, 1) shows (2 + sin 30, 2 - cos 30) = (2.5, 1.134): 25 + 22.68.
        assertEquals(48, turned[1][2]);
        // (0, 0) shows (1.268, -0.732), on the edge (1.268, 0).
        assertEquals(13, turned[0][0]);
        // (4, 0) shows (4.732, 1.268), on the edge (4, 1.268): 40 + 25.36.
        assertEquals(65, turned[0][4]);
    }

    @Test
    void rotatingAgreesWithOpenCv() {
        OpenCv.load();
        byte[] bytes = new byte[3 * 24 * 17];
        for (int i = 0; i < bytes.length; i++) {
            int x = i / 3 % 24;
            int y = i / 3 / 24;
            bytes[i] = (byte) (i % 3 == 0 ? 9 * x : i % 3 == 1 ? 250 - 14 * y : 4 * x + 6 * y);
        }
        Picture picture = Picture.rgb(24, 17, ByteBuffer.wrap(bytes));
        Mat from = new Mat(17, 24, CvType.CV_8UC3);
        from.put(0, 0, bytes);
        for (double degrees : new double[] {7, -33, 120}) {
            Mat to = new Mat();
            Mat how = Imgproc.getRotationMatrix2D(new Point(11.5, 8), degrees, 1);
            Imgproc.warpAffine(
                    from, to, how, from.size(), Imgproc.INTER_LINEAR, Core.BORDER_REPLICATE);
            byte[] theirs = new byte[bytes.length];
            to.get(0, 0, theirs);
            ByteBuffer ours = Images.rotate(picture, degrees).bytes();
            for (int i = 0; i < bytes.length; i++) {
                assertEquals(theirs[i] & 0xff, ours.get(i) & 0xff, 1, degrees + " at " + i);
            }
            how.release();
            to.release();
        }
        from.release();
    }

    @Test
    void rotatingMovesPointsAndKeepsFactsAndTheOriginal() {
        Picture picture = noise(41, 31, List.of(new float[] {20, 15}, new float[] {30, 15}));
        ByteBuffer before =
                ByteBuffer.allocate(picture.bytes().remaining()).put(picture.bytes()).flip();
        Picture turned = Images.rotate(picture, 30);
        assertArrayEquals(new float[] {20, 15}, turned.points().get(0));
        assertEquals(20 + 10 * Math.sqrt(0.75), turned.points().get(1)[0], 1e-5);
        assertEquals(10, turned.points().get(1)[1], 1e-5);
        assertEquals(picture.facts(), turned.facts());
        assertEquals(before, picture.bytes());
        assertEquals(turned.bytes(), Images.rotate(picture, 30).bytes());
        for (double whole : new double[] {0, -0.0, 360, -720}) {
            assertSame(picture, Images.rotate(picture, whole));
        }
    }

    /** Five bright spots, drawn where a turned, scaled and shifted template has its points. */
    @Test
    void aFaceIsMovedOntoTheTemplate() {
        List<float[]> template =
                List.of(
                        new float[] {38.2946f, 51.6963f},
                        new float[] {73.5318f, 51.5014f},
                        new float[] {56.0252f, 71.7366f},
                        new float[] {41.5493f, 92.3655f},
                        new float[] {70.7299f, 92.2041f});
        for (double[] how : new double[][] {{2, 20}, {1, -35}, {0.8, 170}, {7, 5}}) {
            double scale = how[0];
            double turn = Math.toRadians(how[1]);
            int side = (int) Math.ceil(200 * scale);
            int[][] rows = new int[side][side];
            List<float[]> points = new ArrayList<>();
            for (float[] point : template) {
                double right = scale * (point[0] - 56);
                double down = scale * (point[1] - 72);
                float x = (float) (side / 2.0 + Math.cos(turn) * right - Math.sin(turn) * down);
                float y = (float) (side / 2.0 + Math.sin(turn) * right + Math.cos(turn) * down);
                points.add(new float[] {x, y});
                double reach = Math.max(2, 2 * scale);
                for (int row = 0; row < side; row++) {
                    for (int column = 0; column < side; column++) {
                        double far = Math.hypot(column - x, row - y);
                        if (far < reach) {
                            rows[row][column] = (int) Math.round(255 * (1 - far / reach));
                        }
                    }
                }
            }
            Picture drawn = TestFiles.grey(rows);
            Picture face =
                    Images.align(
                            new Picture(side, side, drawn.bytes(), points, Map.of("score", 1.0)),
                            template,
                            112,
                            112);
            assertEquals(112, face.width());
            assertEquals(112, face.height());
            assertEquals(Map.of("score", 1.0), face.facts());
            int[][] reds = TestFiles.reds(face);
            for (int i = 0; i < 5; i++) {
                float[] wanted = template.get(i);
                assertEquals(wanted[0], face.points().get(i)[0], 0.01);
                assertEquals(wanted[1], face.points().get(i)[1], 0.01);
                double sum = 0;
                double sumX = 0;
                double sumY = 0;
                for (int y = (int) wanted[1] - 6; y <= wanted[1] + 6; y++) {
                    for (int x = (int) wanted[0] - 6; x <= wanted[0] + 6; x++) {
                        sum += reds[y][x];
                        sumX += x * reds[y][x];
                        sumY += y * reds[y][x];
                    }
                }
                assertEquals(wanted[0], sumX / sum, 0.25, "scale " + scale);
                assertEquals(wanted[1], sumY / sum, 0.25, "scale " + scale);
            }
        }
    }

    /** The least squares solution for points that fit no template exactly; by hand. */
    @Test
    void pointsThatDoNotFitComeNear() {
        Picture picture =
                noise(
                        40,
                        40,
                        List.of(new float[] {10, 10}, new float[] {30, 10}, new float[] {20, 34}));
        List<float[]> template =
                List.of(new float[] {10, 10}, new float[] {30, 10}, new float[] {20, 22});
        // Centres (20, 18) and (20, 14); sum of products 200 + 192, of squares 200 + 384.
        double scale = (200 + 64 * 2 / 2.0 + 128) / (200 + 128 + 256.0);
        Picture moved = Images.align(picture, template, 40, 40);
        assertEquals(20 - 10 * scale, moved.points().get(0)[0], 1e-4);
        assertEquals(14 - 8 * scale, moved.points().get(0)[1], 1e-4);
        assertEquals(14 + 16 * scale, moved.points().get(2)[1], 1e-4);
    }

    @Test
    void pointsThatCannotBeMovedAreNamed() {
        List<float[]> template = List.of(new float[] {1, 1}, new float[] {3, 1});
        Picture none = noise(8, 8, List.of());
        assertEquals(
                "a picture with 0 points cannot be moved onto a template of 2",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Images.align(none, template, 8, 8))
                        .getMessage());
        Picture spot = noise(8, 8, List.of(new float[] {2, 2}, new float[] {2, 2}));
        assertTrue(
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Images.align(spot, template, 8, 8))
                        .getMessage()
                        .startsWith("the points of the face lie on one spot"));
    }

    @Test
    void aPngKeepsEveryPixel() throws IOException {
        Picture picture = noise(33, 21, List.of());
        Picture again =
                Images.decode(
                        Picture.encoded(ByteBuffer.wrap(Images.encodePng(picture))),
                        Limits.DEFAULT);
        assertEquals(33, again.width());
        assertEquals(21, again.height());
        assertEquals(picture.bytes(), again.bytes());
    }

    @Test
    void wrongArgumentsAreToldInWords() {
        Picture picture = noise(4, 4, List.of());
        assertEquals(
                "resize to 0 x 5 pixels; expected 1 to 16384 a side and at most 64000000 in all",
                assertThrows(IllegalArgumentException.class, () -> Images.resize(picture, 0, 5))
                        .getMessage());
        assertTrue(
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Images.crop(picture, 0, 0, 16_000, 16_000))
                        .getMessage()
                        .startsWith("crop to 16000 x 16000 pixels"));
        Picture encoded = Picture.encoded(ByteBuffer.wrap(new byte[4]));
        assertEquals(
                "an encoded file cannot be mirrored; decode it first",
                assertThrows(IllegalArgumentException.class, () -> Images.mirror(encoded))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> Images.resize(encoded, 2, 2));
        assertThrows(IllegalArgumentException.class, () -> Images.crop(encoded, 0, 0, 2, 2));
        assertThrows(IllegalArgumentException.class, () -> Images.rotate(encoded, 5));
        assertThrows(IllegalArgumentException.class, () -> Images.encodePng(encoded));
        assertEquals(
                "rotate by NaN degrees; expected a finite number",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Images.rotate(picture, Double.NaN))
                        .getMessage());
    }

    @Test
    void openCvIsAtHandForSteps() {
        OpenCv.load();
        assertEquals("4.13.0", OpenCv.version());
        assertEquals(1, Core.getNumThreads());
        for (String name :
                List.of("haarcascade_frontalface_default", "haarcascade_frontalface_alt2")) {
            assertTrue(!new CascadeClassifier(OpenCv.cascade(name)).empty());
        }
        assertTrue(
                assertThrows(IllegalStateException.class, () -> OpenCv.cascade("none"))
                        .getMessage()
                        .contains("none.xml is missing"));
    }

    @Test
    void affineMovesPixelsAndPointsAlike() {
        Picture picture =
                new Picture(
                        3,
                        1,
                        ByteBuffer.wrap(new byte[] {10, 10, 10, 20, 20, 20, 30, 30, 30}),
                        List.of(new float[] {2, 0}),
                        Map.of("fact", 4.0));
        // One pixel to the right; the edge is repeated.
        Picture moved = Images.affine(picture, new double[] {1, 0, 1, 0, 1, 0});
        byte[] rgb = new byte[9];
        moved.bytes().get(rgb);
        assertArrayEquals(new byte[] {10, 10, 10, 10, 10, 10, 20, 20, 20}, rgb);
        assertArrayEquals(new float[] {3, 0}, moved.points().get(0));
        assertEquals(picture.facts(), moved.facts());
        // The picture stays, as with a turn by the same angle.
        double sin = StrictMath.sin(0.25);
        double cos = StrictMath.cos(0.25);
        assertEquals(
                Images.rotate(picture, StrictMath.toDegrees(0.25)).bytes(),
                Images.affine(picture, new double[] {cos, sin, 0, -sin, cos, 0}).bytes());
        for (double[] map :
                new double[][] {{1, 2, 0, 2, 4, 0}, {1, 0, Double.NaN, 0, 1, 0}, {1, 0, 0, 1}}) {
            String refused =
                    assertThrows(IllegalArgumentException.class, () -> Images.affine(picture, map))
                            .getMessage();
            assertTrue(refused.startsWith("affine map ["), refused);
        }
    }
}
