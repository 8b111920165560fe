// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.vit;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.Key;
import org.mien.api.method.Backbone;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Trunk;
import org.mien.nn.Fn;
import org.mien.nn.LayerNorm;
import org.mien.nn.Positions;
import org.mien.nn.TransformerBlock;

/**
 * A vision transformer (Dosovitskiy et al. 2021) as in timm and in masked autoencoders (He et al.
 * 2022): patches and [CLS] with positions, blocks that normalise first, a last normalisation. Every
 * stage gives tokens (N, 1 + T, D), [CLS] first, and the last the [CLS] token alone. Blocks run on
 * any tokens, so that from the stage {@code embed} on it takes those of the visible patches only,
 * and they offer their attention weights.
 */
public abstract class Vit implements Backbone<Vit.Settings> {
    /** Most patches of an image: the work of attention grows with the square. */
    private static final int MOST = 4096;

    private static final String POSITIONS = "embed.pos.positions";

    /** How tokens know their places. */
    public enum Places {
        /** Weights, from a truncated normal. */
        LEARNED,
        /** Sines and cosines of row and column, as in masked autoencoders. */
        FIXED
    }

    /** What pixels are scaled to. */
    public enum Pixels {
        /** Mean (0.485, 0.456, 0.406), deviation (0.229, 0.224, 0.225): DeiT, MAE. */
        IMAGENET,
        /** Mean and deviation 0.5: timm's weights of "How to train your ViT". */
        HALF
    }

    /**
     * Keys.
     *
     * @param size side of the input
     * @param patch side of a patch
     * @param positions how tokens know their places
     * @param depth number of blocks
     * @param width D
     * @param heads number of heads
     * @param pixels what pixels are scaled to
     */
    public record Settings(
            @Key(value = "224", min = 8, max = 1024, doc = "side of the square input, in pixels")
                    int size,
            @Key(
                            value = "16",
                            min = 4,
                            max = 64,
                            doc = "side of a patch, in pixels; a divisor of the size")
                    int patch,
            @Key(
                            value = "learned",
                            doc =
                                    "learned: positions are weights; fixed: 2-D sines and cosines,"
                                            + " as in masked autoencoders")
                    Places positions,
            @Key(value = "0", min = 0, max = 64, doc = "number of blocks; 0: as the id says")
                    int depth,
            @Key(
                            value = "0",
                            min = 0,
                            max = 2048,
                            doc = "D, width of a token; 0: as the id says; a multiple of the heads")
                    int width,
            @Key(value = "0", min = 0, max = 64, doc = "number of heads; 0: as the id says")
                    int heads,
            @Key(
                            value = "imagenet",
                            doc =
                                    "what the weights were trained with; imagenet: mean and"
                                            + " deviation of ImageNet (MAE, DeiT); half: 0.5 and"
                                            + " 0.5 (timm's augreg)")
                    Pixels pixels) {}

    private final String id;
    private final int depth;
    private final int width;
    private final int heads;

    Vit(String id, int depth, int width, int heads) {
        this.id = id;
        this.depth = depth;
        this.width = width;
        this.heads = heads;
    }

    @Override
    public final Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public final InputSpec input(Settings settings) {
        List<Float> half = List.of(0.5f, 0.5f, 0.5f);
        return settings.pixels() == Pixels.HALF
                ? new InputSpec(settings.size(), settings.size(), half, half)
                : new InputSpec(
                        settings.size(),
                        settings.size(),
                        List.of(0.485f, 0.456f, 0.406f),
                        List.of(0.229f, 0.224f, 0.225f));
    }

    @Override
    public final Trunk trunk(Settings settings, InputSpec input) {
        int patch = settings.patch();
        int blocks = settings.depth() == 0 ? depth : settings.depth();
        int tokenWidth = settings.width() == 0 ? width : settings.width();
        int tokenHeads = settings.heads() == 0 ? heads : settings.heads();
        int rows = input.height() / patch;
        int columns = input.width() / patch;
        check(input.height() % patch == 0 && input.width() % patch == 0, input, patch);
        check(rows > 0 && columns > 0 && (long) rows * columns <= MOST, input, patch);
        if (tokenWidth % tokenHeads != 0) {
            throw new IllegalArgumentException(
                    id
                            + " has tokens of width "
                            + tokenWidth
                            + " and "
                            + tokenHeads
                            + " heads; expected a multiple of the heads: set backbone.width and"
                            + " backbone.heads together");
        }
        boolean fixed = settings.positions() == Places.FIXED;
        if (fixed && tokenWidth % 4 != 0) {
            throw new IllegalArgumentException(
                    id
                            + " has tokens of width "
                            + tokenWidth
                            + "; fixed positions need a multiple of 4");
        }
        List<Trunk.Stage> stages = new ArrayList<>();
        stages.add(
                new Trunk.Stage(
                        Feature.tokens("embed", tokenWidth, rows, columns, 1),
                        () ->
                                new Embedding(
                                        tokenWidth,
                                        patch,
                                        fixed
                                                ? Positions.fixed(1, rows, columns, tokenWidth)
                                                : Positions.learned(
                                                        1 + rows * columns, tokenWidth))));
        for (int i = 0; i < blocks; i++) {
            stages.add(
                    new Trunk.Stage(
                            Feature.tokens("block" + i, tokenWidth, rows, columns, 1),
                            () -> new TransformerBlock(tokenWidth, tokenHeads, 4 * tokenWidth)));
        }
        stages.add(
                new Trunk.Stage(
                        Feature.tokens("norm", tokenWidth, rows, columns, 1),
                        () -> new LayerNorm(tokenWidth, 1e-6)));
        stages.add(
                new Trunk.Stage(
                        Feature.vector("cls", tokenWidth),
                        () -> new Fn((ops, x) -> x.get(":, 0")),
                        blocks < 1
                                ? null
                                : new Trunk.Shortcut(
                                        blocks == 1 ? "embed" : "block" + (blocks - 2),
                                        Vit::first)));
        return new Trunk(input, stages);
    }

    /** Last block, normalisation and choice of [CLS], for that token alone. */
    private static Optional<NDArray> first(Pass pass, List<Net> stages, NDArray x) {
        TransformerBlock last = (TransformerBlock) stages.get(0);
        return last.first(pass, x)
                .map(token -> stages.get(2).run(pass, stages.get(1).run(pass, token)));
    }

    private void check(boolean fits, InputSpec input, int patch) {
        if (!fits) {
            throw new IllegalArgumentException(
                    id
                            + " cuts "
                            + input.height()
                            + " x "
                            + input.width()
                            + " pixels into patches of "
                            + patch
                            + "; expected sides that are multiples of it, and at most "
                            + MOST
                            + " patches");
        }
    }

    /** Names of timm and of masked autoencoders: {@code patch_embed.proj, blocks.0, .., norm}. */
    @Override
    public final String published(String path) {
        if (path.equals(POSITIONS)) {
            return "pos_embed";
        }
        if (path.startsWith("embed.")) {
            return path.substring("embed.".length());
        }
        return path.startsWith("block") ? "blocks." + path.substring("block".length()) : path;
    }

    /**
     * Positions of a square grid are those of any other grid once interpolated. Before them stands
     * that of [CLS]; DeiT has one more for its distillation token, which is left out, and networks
     * without a position for [CLS] have none, where it is 0.
     */
    @Override
    public final Optional<float[]> fit(Trunk trunk, String path, float[] values, long... shape) {
        Feature embed = trunk.features().get(0);
        int width = embed.channels();
        if (!path.equals(POSITIONS) || shape.length != 3 || shape[0] != 1 || shape[2] != width) {
            return Optional.empty();
        }
        for (int before : new int[] {1, 2, 0}) {
            long side = Math.round(Math.sqrt(Math.max(0.0, shape[1] - before)));
            if (side < 1 || side * side != shape[1] - before) {
                continue;
            }
            int patches = (int) (side * side);
            float[] places = new float[(1 + patches) * width];
            System.arraycopy(values, 0, places, 0, before == 0 ? 0 : width);
            System.arraycopy(values, before * width, places, width, patches * width);
            return Optional.of(
                    Positions.resize(
                            places, 1, (int) side, (int) side, embed.rows(), embed.columns()));
        }
        return Optional.empty();
    }
}
