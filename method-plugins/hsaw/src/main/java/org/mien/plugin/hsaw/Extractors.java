// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.hsaw;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import org.mien.api.Feature;
import org.mien.api.method.Build;
import org.mien.api.net.Pass;
import org.mien.api.net.Trunk;
import org.mien.plugin.hsaw.Settings.Sharing;

/**
 * The feature extraction network for whole face, left half and right half: images (N, 3, H, W) to
 * V_all, V_left and V_right (N, D). What is shared takes its images as one batch. What is not
 * starts from the same weights as the backbone.
 */
final class Extractors {
    /** Feature vectors, (N, D) each; those of the halves null when there are none. */
    record Vectors(NDArray all, NDArray left, NDArray right) {}

    private final Trunk backbone;
    private final Feature map;

    /** The last stage that all share; null for none, the map for everything. */
    private final Feature stem;

    private final Trunk leftTail;
    private final Trunk rightTail;
    private final Vector all;
    private final Vector left;
    private final Vector right;

    Extractors(Build build, Settings settings) {
        backbone = build.trunk();
        map = backbone.feature(Feature.Kind.MAP);
        all = build.part("all-vector", new Vector(map));
        if (!settings.attention()) {
            stem = map;
            leftTail = null;
            rightTail = null;
            left = null;
            right = null;
            return;
        }
        switch (settings.extractors()) {
            case SHARED -> {
                stem = map;
                leftTail = null;
                rightTail = null;
                left = all;
                right = all;
            }
            case HALVES -> {
                stem = null;
                leftTail = build.part("half-extractor", tail());
                rightTail = leftTail;
                left = build.part("half-vector", new Vector(map));
                right = left;
            }
            default -> {
                stem = settings.extractors() == Sharing.TAIL ? stem(backbone) : null;
                leftTail = build.part("left-extractor", tail());
                rightTail = build.part("right-extractor", tail());
                left = build.part("left-vector", new Vector(map));
                right = build.part("right-vector", new Vector(map));
            }
        }
    }

    /** Stages of its own after the stem. */
    private Trunk tail() {
        Trunk whole = backbone.upTo(map);
        Trunk tail = stem == null ? whole : whole.tail(stem);
        tail.startsFrom("backbone");
        return tail;
    }

    /**
     * Where extractors part: after the last stage before the map was halved last. In ResNet-18 that
     * is conv4_x.
     *
     * @param trunk the backbone
     * @return the last shared stage; null when its first stage halves the image last
     */
    static Feature stem(Trunk trunk) {
        Feature stem = null;
        Feature before = null;
        Feature last = trunk.feature(Feature.Kind.MAP);
        for (Feature feature : trunk.features()) {
            boolean halved = before != null && feature.rows() < before.rows();
            if (feature.kind() == Feature.Kind.MAP && halved) {
                stem = before;
            }
            before = feature.kind() == Feature.Kind.MAP ? feature : before;
            if (feature.equals(last)) {
                break;
            }
        }
        return stem;
    }

    /** Of the whole face only. */
    NDArray whole(Pass pass, NDArray face) {
        return all.run(pass, backbone.run(pass, face, Feature.Kind.MAP));
    }

    /** Of the face and its halves. */
    Vectors run(Pass pass, NDArray face, NDArray leftHalf, NDArray rightHalf) {
        if (stem == null) {
            NDArray whole = whole(pass, face);
            if (left == right) {
                NDArray halves = leftHalf.concat(rightHalf, 0);
                NDList two = left.run(pass, leftTail.run(pass, halves)).split(2);
                return new Vectors(whole, two.get(0), two.get(1));
            }
            return new Vectors(
                    whole,
                    left.run(pass, leftTail.run(pass, leftHalf)),
                    right.run(pass, rightTail.run(pass, rightHalf)));
        }
        NDArray images = face.concat(leftHalf, 0).concat(rightHalf, 0);
        NDArray shared = backbone.run(pass, images, null, stem);
        if (stem.equals(map)) {
            NDList three = all.run(pass, shared).split(3);
            return new Vectors(three.get(0), three.get(1), three.get(2));
        }
        NDList three = shared.split(3);
        return new Vectors(
                all.run(pass, backbone.run(pass, three.get(0), stem, map)),
                left.run(pass, leftTail.run(pass, three.get(1))),
                right.run(pass, rightTail.run(pass, three.get(2))));
    }
}
