// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.mien.api.data.Picture;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pictures of faces after the steps that are done once, one or several crops of each, as bytes in a
 * few memory-mapped files: the operating system keeps in memory what there is room for, and the
 * heap holds none of it. The files have no name any more from the moment they are open, so that no
 * picture outlives its run.
 */
public final class PictureCache implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PictureCache.class);

    private static final int SEGMENT_BYTES = 256 << 20;

    /** Where a picture lies, and what of it is no pixels. */
    private record Place(
            ByteBuffer file,
            int at,
            int width,
            int height,
            List<float[]> points,
            Map<String, Double> facts) {}

    /** One file. */
    private static final class Segment {
        private final FileChannel channel;
        private final ByteBuffer map;
        private int used;

        Segment(Path folder, int bytes) throws IOException {
            Path file = Files.createTempFile(folder, "pictures", ".cache");
            try {
                channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
                map = channel.map(MapMode.READ_WRITE, 0, bytes).asReadOnlyBuffer();
            } finally {
                Files.delete(file);
            }
        }
    }

    private final Path folder;
    private final long most;
    private final int segmentBytes;
    private final List<Segment> segments = new ArrayList<>();
    private final Map<String, List<Place>> places = new ConcurrentHashMap<>();
    private long used;
    private boolean full;

    /**
     * An empty cache.
     *
     * @param folder for its files; made when it is missing
     * @param most bytes in all
     * @param segmentBytes bytes of a file
     */
    PictureCache(Path folder, long most, int segmentBytes) {
        this.folder = folder;
        this.most = most;
        this.segmentBytes = segmentBytes;
        full = most == 0;
    }

    /** A cache as a pipeline wants it, among the temporary files. */
    public static PictureCache of(BoundPipeline bound) {
        Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        return new PictureCache(folder, bound.data().cache() * (1L << 20), SEGMENT_BYTES);
    }

    /** No cache. */
    public static PictureCache none() {
        return new PictureCache(Path.of(""), 0, 0);
    }

    /** The crops of a sample's face by its id, or null. */
    List<Picture> get(String id) {
        List<Place> kept = places.get(id);
        return kept == null ? null : kept.stream().map(PictureCache::read).toList();
    }

    private static Picture read(Place place) {
        ByteBuffer bytes = place.file().slice(place.at(), 3 * place.width() * place.height());
        return new Picture(place.width(), place.height(), bytes, place.points(), place.facts());
    }

    /**
     * Keeps the crops of a face where there is room for all; without room, and on a disk that
     * refuses, nothing is kept and nothing is lost.
     */
    synchronized void put(String id, List<Picture> crops) {
        long size = crops.stream().mapToLong(crop -> crop.bytes().remaining()).sum();
        boolean large = crops.stream().anyMatch(crop -> crop.bytes().remaining() > segmentBytes);
        if (full || large || places.containsKey(id)) {
            return;
        }
        if (used + size > most) {
            full = true;
            return;
        }
        try {
            List<Place> kept = new ArrayList<>();
            for (Picture crop : crops) {
                kept.add(write(crop));
            }
            places.put(id, kept);
        } catch (IOException e) {
            full = true;
            LOG.warn(
                    "no more pictures are cached, {} cannot take them: {}. Training goes on, and"
                            + " reads them again each epoch",
                    folder,
                    e.getMessage());
        }
    }

    private Place write(Picture picture) throws IOException {
        ByteBuffer bytes = picture.bytes();
        int size = bytes.remaining();
        Segment last = segments.isEmpty() ? null : segments.get(segments.size() - 1);
        if (last == null || segmentBytes - last.used < size) {
            Files.createDirectories(folder);
            last = new Segment(folder, segmentBytes);
            segments.add(last);
        }
        // Written as a file, not through the map: a disk that is full then says so.
        int at = last.used;
        while (bytes.hasRemaining()) {
            last.used += last.channel.write(bytes, last.used);
        }
        used += size;
        return new Place(
                last.map, at, picture.width(), picture.height(), picture.points(), picture.facts());
    }

    /** Samples whose pictures are kept. */
    int size() {
        return places.size();
    }

    @Override
    public synchronized void close() {
        full = true;
        places.clear();
        for (Segment segment : segments) {
            try {
                segment.channel.close();
            } catch (IOException e) {
                LOG.warn("a cache of pictures cannot be closed: {}", e.getMessage());
            }
        }
        segments.clear();
    }
}
