// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What can be asked for by name. */
enum Benchmark {
    TRAIN(Kind.NETWORK, "ms", "ResNet-18, one training step of 16 x 3 x 112 x 112, AdamW"),
    INFER_1(Kind.NETWORK, "ms", "ResNet-18, probabilities of 1 x 3 x 112 x 112"),
    INFER_16(Kind.NETWORK, "ms", "ResNet-18, probabilities of 16 x 3 x 112 x 112"),
    VIT_TRAIN(Kind.NETWORK, "ms", "ViT-T, one training step of 8 x 3 x 224 x 224, AdamW"),
    VIT_PREDICT(Kind.NETWORK, "ms", "ViT-T, probabilities of 1 x 3 x 224 x 224"),
    MAE_TRAIN(Kind.NETWORK, "ms", "MAE on ViT-T, one training step of 16 x 3 x 224 x 224, AdamW"),
    IR50_PREDICT_1(Kind.NETWORK, "ms", "IR-50, embedding of 1 x 3 x 112 x 112"),
    IR50_PREDICT_16(Kind.NETWORK, "ms", "IR-50, embeddings of 16 x 3 x 112 x 112"),
    INPUT(Kind.FILES, "images/s", "JPEG 224 x 224 in memory to normalised float batches of 16"),
    WEIGHTS(
            Kind.FILES,
            "MB/s",
            "a .pth file of 100 MB to floats in memory; Python loads weights only"),
    BUSY(
            Kind.BUSY,
            "images/s",
            "ResNet-18, training steps of 32 x 3 x 32 x 32 on two cores, on one of which another"
                    + " process computes all the time; the ratio is that of two threads to one"),
    START(Kind.PLATFORM, "s", "'mien start' until the demo pipeline is READY"),
    SWAP(Kind.PLATFORM, "ms", "bundle:update of a method until its pipeline is READY again"),
    PREDICT(
            Kind.PLATFORM,
            "images/s",
            "one 'mien predict' of 100 photographs of 640 x 480, ResNet-18 of 112 x 112; Python"
                    + " loads nothing in that time"),
    PREDICT_FACES(
            Kind.PLATFORM,
            "images/s",
            "one 'mien predict' of a folder of 1,000 photographs of 640 x 480 with"
                    + " preprocess=yunet,resize and --csv, ResNet-18 of 112 x 112; Python does it"
                    + " with OpenCV and loads nothing in that time");

    /** How it is measured. */
    enum Kind {
        /** By processes in turn, on each number of threads. */
        NETWORK,
        /** By processes in turn, on one thread. */
        FILES,
        /** Beside a busy process. */
        BUSY,
        /** On a platform that runs. */
        PLATFORM
    }

    /** What is asked of a quick look. */
    static final List<Benchmark> QUICK =
            List.of(TRAIN, INFER_1, INFER_16, VIT_TRAIN, VIT_PREDICT, PREDICT);

    private final Kind kind;
    private final String unit;
    private final String what;

    Benchmark(Kind kind, String unit, String what) {
        this.kind = kind;
        this.unit = unit;
        this.what = what;
    }

    static Optional<Benchmark> named(String id) {
        return Arrays.stream(values()).filter(one -> one.id().equals(id)).findFirst();
    }

    /** Its name on the command line and in rows. */
    String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    Kind kind() {
        return kind;
    }

    String unit() {
        return unit;
    }

    /** In words. */
    String what() {
        return what;
    }

    /** Whether less is better: of times and memory, not of rates. */
    static boolean smaller(String unit) {
        return !unit.endsWith("/s");
    }

    /** Whether the memory of its processes is a row too. */
    boolean weighed() {
        return kind == Kind.NETWORK || this == WEIGHTS;
    }

    /** Whether it makes training steps, whose memory is also shown less that of the engine. */
    boolean trains() {
        return kind == Kind.NETWORK && name().endsWith("TRAIN");
    }
}
