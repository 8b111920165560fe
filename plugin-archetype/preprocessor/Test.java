package @package@;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;
import org.mien.api.data.Picture;
import org.mien.api.data.Preprocessor.Step;

import java.nio.ByteBuffer;

class @Name@PreprocessorTest {
    private static int[] apply(double cut, int... values) {
        ByteBuffer rgb = ByteBuffer.allocate(values.length);
        for (int value : values) {
            rgb.put((byte) value);
        }
        Picture picture = Picture.rgb(values.length / 3, 1, rgb.flip());
        @Name@Preprocessor.Settings settings = new @Name@Preprocessor.Settings(cut);
        try (Step step = new @Name@Preprocessor().open(settings, "face")) {
            ByteBuffer bytes = step.apply(picture).get(0).bytes();
            int[] made = new int[values.length];
            for (int i = 0; i < made.length; i++) {
                made[i] = bytes.get(i) & 0xff;
            }
            return made;
        }
    }

    @Test
    void theRangeIsStretched() {
        assertArrayEquals(
                new int[] {0, 51, 128, 204, 255, 51}, apply(0, 100, 110, 125, 140, 150, 110));
    }

    @Test
    void aShareIsCutOff() {
        // A sixth at each end: 10 and 240 lie beyond 100 and 150.
        assertArrayEquals(
                new int[] {0, 0, 128, 204, 255, 255}, apply(0.17, 10, 100, 125, 140, 150, 240));
    }

    @Test
    void onePlainColourStays() {
        assertArrayEquals(new int[] {7, 7, 7}, apply(0.01, 7, 7, 7));
    }
}
