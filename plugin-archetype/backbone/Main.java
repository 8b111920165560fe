package @package@;

import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.Key;
import org.mien.api.method.Backbone;
import org.mien.api.net.Ops;
import org.mien.api.net.Trunk;
import org.mien.nn.BatchNorm;
import org.mien.nn.Conv2d;
import org.mien.nn.Fn;
import org.mien.nn.Relu;
import org.mien.nn.Sequence;
import org.osgi.service.component.annotations.Component;

import java.util.List;

/**
 * Two 3 x 3 convolutions, each with batch normalisation and ReLU, that halve the input: maps of W
 * and 2 W channels at 1/2 and 1/4 of it, and their mean, a vector of 2 W.
 */
@Component(property = "mien.id=@id@")
public final class @Name@Backbone implements Backbone<@Name@Backbone.Settings> {
    /**
     * Keys {@code backbone.*}.
     *
     * @param size side of the input
     * @param width channels of the first stage
     */
    public record Settings(
            @Key(value = "64", min = 4, max = 1024, doc = "side of the square input, in pixels")
                    int size,
            @Key(value = "16", min = 1, max = 512, doc = "channels of the first stage, W")
                    int width) {}

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public InputSpec input(Settings settings) {
        List<Float> half = List.of(0.5f, 0.5f, 0.5f);
        return new InputSpec(settings.size(), settings.size(), half, half);
    }

    @Override
    public Trunk trunk(Settings settings, InputSpec input) {
        int w = settings.width();
        int rows = half(input.height());
        int columns = half(input.width());
        return new Trunk(
                input,
                List.of(
                        new Trunk.Stage(Feature.map("conv1", w, rows, columns), () -> conv(3, w)),
                        new Trunk.Stage(
                                Feature.map("conv2", 2 * w, half(rows), half(columns)),
                                () -> conv(w, 2 * w)),
                        new Trunk.Stage(
                                Feature.vector("pool", 2 * w),
                                () -> new Fn(Ops::globalAveragePool))));
    }

    /** (N, in, H, W) to (N, out, H / 2, W / 2). */
    private static Sequence conv(int in, int out) {
        return new Sequence(new Conv2d(in, out, 3, 2, 1), new BatchNorm(out), new Relu());
    }

    /** What a 3 x 3 convolution of stride 2 and padding 1 leaves. */
    private static int half(int side) {
        return (side + 1) / 2;
    }
}
