// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.mien.api.Key;
import org.mien.api.data.Dataset;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.data.Targets;
import org.mien.vision.Images;

/** The colours as files: 30 for training, 12 for validation if wanted, 30 for the test. */
final class Pngs implements Dataset<Pngs.Settings> {
    /** Files that are damaged behind their header, by number. */
    static final Set<Integer> DAMAGED = new HashSet<>();

    /** Files that are gone, by number. */
    static final Set<Integer> GONE = new HashSet<>();

    /**
     * Keys.
     *
     * @param own whether validation is its own
     * @param only classes of the training split
     * @param bad files that are no pictures, by number
     */
    public record Settings(
            @Key(value = "false", doc = "whether validation is its own") boolean own,
            @Key(value = "3", doc = "classes in training") int only,
            @Key(value = "", doc = "files that are no pictures") List<String> bad) {}

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Open open(Settings settings) {
        return new Open() {
            @Override
            public Targets targets() {
                return Targets.classes(List.of("red", "green", "blue"));
            }

            private Sample.Split split(int i) {
                return i < 30
                        ? Sample.Split.TRAIN
                        : i < 60
                                ? Sample.Split.TEST
                                : settings.own() ? Sample.Split.VALIDATION : Sample.Split.NONE;
            }

            @Override
            public Stream<Sample> samples() {
                return IntStream.range(0, 72)
                        .filter(i -> !GONE.contains(i))
                        .filter(i -> i >= 30 || i % 3 < settings.only())
                        .mapToObj(
                                i ->
                                        Sample.of("png-" + i, Integer.toString(i))
                                                .split(split(i))
                                                .label(i % 3)
                                                .build());
            }

            @Override
            public Picture read(Sample sample) throws IOException {
                int i = Integer.parseInt(sample.where());
                byte[] rgb = new byte[8 * 8 * 3];
                for (int p = i % 3; p < rgb.length; p += 3) {
                    rgb[p] = (byte) (150 + i);
                }
                byte[] png = Images.encodePng(Picture.rgb(8, 8, ByteBuffer.wrap(rgb)));
                if (settings.bad().contains(sample.where())) {
                    png = "<html>".getBytes(StandardCharsets.US_ASCII);
                } else if (DAMAGED.contains(i)) {
                    for (int p = 41; p < png.length - 16; p++) {
                        png[p] = 0;
                    }
                }
                return Picture.encoded(ByteBuffer.wrap(png));
            }

            @Override
            public void close() {}
        };
    }
}
