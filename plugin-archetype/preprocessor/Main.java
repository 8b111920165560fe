package @package@;

import org.mien.api.Key;
import org.mien.api.data.Picture;
import org.mien.api.data.Preprocessor;
import org.osgi.service.component.annotations.Component;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Stretches the contrast of a picture to the whole range: of the values of all channels the darkest
 * share becomes 0, the brightest share 255, and what lies between is moved linearly and rounded. A
 * picture of one value stays as it is.
 */
@Component(property = "mien.id=@id@")
public final class @Name@Preprocessor implements Preprocessor<@Name@Preprocessor.Settings> {
    /**
     * Keys {@code @id@.*}.
     *
     * @param cut share of the values that is cut off at each end
     */
    public record Settings(
            @Key(
                            value = "0.01",
                            min = 0,
                            max = 0.4,
                            doc = "share of the values cut off at each end, 0 to 0.4")
                    double cut) {}

    @Override
    public When when() {
        return When.ONCE;
    }

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Step open(Settings settings, String view) {
        return picture -> List.of(stretch(picture, settings.cut()));
    }

    private static Picture stretch(Picture picture, double cut) {
        byte[] rgb = new byte[picture.bytes().remaining()];
        picture.bytes().get(rgb);
        int[] counts = new int[256];
        for (byte value : rgb) {
            counts[value & 0xff]++;
        }
        int beyond = (int) (cut * rgb.length);
        int low = 0;
        for (int seen = counts[0]; seen <= beyond; seen += counts[low]) {
            low++;
        }
        int high = 255;
        for (int seen = counts[255]; seen <= beyond; seen += counts[high]) {
            high--;
        }
        if (high <= low) {
            return picture;
        }
        byte[] table = new byte[256];
        for (int value = 0; value < 256; value++) {
            long moved = Math.round(255.0 * (value - low) / (high - low));
            table[value] = (byte) Math.max(0, Math.min(255, moved));
        }
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = table[rgb[i] & 0xff];
        }
        return new Picture(
                picture.width(),
                picture.height(),
                ByteBuffer.wrap(rgb),
                picture.points(),
                picture.facts());
    }
}
