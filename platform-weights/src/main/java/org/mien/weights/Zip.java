// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The entries of a zip file, by its central directory (APPNOTE 6.3.10), with the large sizes of
 * zip64. Unlike the JDK's it says where the bytes of an entry lie, and it refuses what a zip file
 * of weights never has: two entries of one name, entries that lie in each other, encryption.
 */
final class Zip {
    private static final int LONGEST_DIRECTORY = 8 << 20;
    private static final int MOST_ENTRIES = 100_000;

    /** The most that deflating can save is 1032 : 1. */
    private static final long MOST_RATIO = 1040;

    private record Found(String name, int method, long packed, long size, long local) {}

    private record Placed(long from, long to, String name) {}

    private Zip() {}

    /** Name to bytes, in the order of the directory. */
    static Map<String, Stretch> entries(Stretch file) throws BadWeights {
        long fileSize = file.size();
        int tail = (int) Math.min(fileSize, 22 + 0xffff);
        ByteBuffer end = little(file.bytes(fileSize - tail, tail));
        int at = tail - 22;
        while (at >= 0
                && (end.getInt(at) != 0x06054b50
                        || at + 22 + (end.getShort(at + 20) & 0xffff) != tail)) {
            at--;
        }
        if (at < 0) {
            throw new BadWeights(
                    "it begins as a zip file and has no end of one; it was cut, download it again");
        }
        long count = end.getShort(at + 10) & 0xffff;
        long size = end.getInt(at + 12) & 0xffffffffL;
        long offset = end.getInt(at + 16) & 0xffffffffL;
        if (count == 0xffff || size == 0xffffffffL || offset == 0xffffffffL) {
            long place = fileSize - tail + at - 20;
            if (place < 0 || little(file.bytes(place, 4)).getInt(0) != 0x07064b50) {
                throw new BadWeights("its zip64 end is missing");
            }
            long record = little(file.bytes(place + 8, 8)).getLong(0);
            if (record < 0 || record > place - 56) {
                throw new BadWeights("its zip64 end lies outside the file");
            }
            ByteBuffer wide = little(file.bytes(record, 56));
            if (wide.getInt(0) != 0x06064b50) {
                throw new BadWeights("its zip64 end is broken");
            }
            count = wide.getLong(32);
            size = wide.getLong(40);
            offset = wide.getLong(48);
        }
        if (count < 0
                || count > MOST_ENTRIES
                || size < 0
                || size > LONGEST_DIRECTORY
                || offset < 0
                || offset > fileSize - size) {
            throw new BadWeights(
                    "its directory claims "
                            + count
                            + " entries in "
                            + size
                            + " bytes at "
                            + offset
                            + "; the most are "
                            + MOST_ENTRIES
                            + " in "
                            + LONGEST_DIRECTORY
                            + ", within the file");
        }
        return placed(file, offset, found(little(file.bytes(offset, size)), (int) count));
    }

    private static ByteBuffer little(ByteBuffer buffer) {
        return buffer.order(ByteOrder.LITTLE_ENDIAN);
    }

    private static List<Found> found(ByteBuffer directory, int count) throws BadWeights {
        List<Found> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (directory.remaining() < 46
                    || directory.getInt(directory.position()) != 0x02014b50) {
                throw new BadWeights("entry " + i + " of its directory is broken");
            }
            int at = directory.position();
            int flags = directory.getShort(at + 8);
            int method = directory.getShort(at + 10) & 0xffff;
            long packed = directory.getInt(at + 20) & 0xffffffffL;
            long size = directory.getInt(at + 24) & 0xffffffffL;
            int nameLength = directory.getShort(at + 28) & 0xffff;
            int extraLength = directory.getShort(at + 30) & 0xffff;
            int commentLength = directory.getShort(at + 32) & 0xffff;
            long local = directory.getInt(at + 42) & 0xffffffffL;
            int next = 46 + nameLength + extraLength + commentLength;
            if (next > directory.remaining()) {
                throw new BadWeights("entry " + i + " of its directory is cut");
            }
            byte[] bytes = new byte[nameLength];
            directory.get(at + 46, bytes);
            String name = new String(bytes, StandardCharsets.UTF_8);
            ByteBuffer extra = little(directory.slice(at + 46 + nameLength, extraLength));
            while (extra.remaining() >= 4) {
                int id = extra.getShort() & 0xffff;
                int length = Math.min(extra.getShort() & 0xffff, extra.remaining());
                if (id == 1) {
                    ByteBuffer wide = little(extra.slice(extra.position(), length));
                    size = size == 0xffffffffL && wide.remaining() >= 8 ? wide.getLong() : size;
                    packed =
                            packed == 0xffffffffL && wide.remaining() >= 8
                                    ? wide.getLong()
                                    : packed;
                    local = local == 0xffffffffL && wide.remaining() >= 8 ? wide.getLong() : local;
                }
                extra.position(extra.position() + length);
            }
            directory.position(at + next);
            if (name.endsWith("/")) {
                continue;
            }
            if ((flags & 1) != 0) {
                throw new BadWeights("its entry '" + name + "' is encrypted");
            }
            if (method != 0 && method != 8) {
                throw new BadWeights(
                        "its entry '"
                                + name
                                + "' is packed by method "
                                + method
                                + "; expected stored or deflated");
            }
            if (packed < 0
                    || size < 0
                    || method == 0 && packed != size
                    || method == 8 && size / MOST_RATIO > packed) {
                throw new BadWeights(
                        "its entry '" + name + "' claims " + packed + " bytes that become " + size);
            }
            all.add(new Found(name, method, packed, size, local));
        }
        return all;
    }

    private static Map<String, Stretch> placed(Stretch file, long end, List<Found> found)
            throws BadWeights {
        Map<String, Stretch> entries = new LinkedHashMap<>();
        List<Placed> places = new ArrayList<>();
        for (Found one : found) {
            if (one.local() < 0 || one.local() > end - 30) {
                throw outside(one.name());
            }
            ByteBuffer head = little(file.bytes(one.local(), 30));
            if (head.getInt(0) != 0x04034b50) {
                throw new BadWeights("its entry '" + one.name() + "' is not where it should be");
            }
            long from =
                    one.local() + 30 + (head.getShort(26) & 0xffff) + (head.getShort(28) & 0xffff);
            if (from > end - one.packed()) {
                throw outside(one.name());
            }
            places.add(new Placed(one.local(), from + one.packed(), one.name()));
            Stretch bytes =
                    one.method() == 8
                            ? new Deflated(file.part(from, one.packed()), one.size())
                            : file.part(from, one.size());
            if (entries.put(one.name(), bytes) != null) {
                throw new BadWeights("two of its entries are named '" + one.name() + "'");
            }
        }
        places.sort(Comparator.comparingLong(Placed::from));
        for (int i = 1; i < places.size(); i++) {
            if (places.get(i).from() < places.get(i - 1).to()) {
                throw new BadWeights(
                        "its entries '"
                                + places.get(i - 1).name()
                                + "' and '"
                                + places.get(i).name()
                                + "' overlap");
            }
        }
        return entries;
    }

    private static BadWeights outside(String name) {
        return new BadWeights(
                "its entry '" + name + "' lies outside the file; it was cut, download it again");
    }
}
