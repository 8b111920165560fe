// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Which format bytes are of, by what they begin with; also those that are packed into others. */
final class Formats {
    /** A file in a file in a file. */
    private static final int DEEPEST = 3;

    private static final int SHOWN = 8;

    private Formats() {}

    /**
     * Reads what is of a known format.
     *
     * @param allowScript whether the data of a TorchScript program may be read
     */
    static Content read(Stretch all, boolean allowScript) throws BadWeights {
        return read(all, allowScript, 0);
    }

    private static Content read(Stretch all, boolean allowScript, int depth) throws BadWeights {
        ByteBuffer head = all.bytes(0, Math.min(all.size(), 512));
        if (begins(head, 0x50, 0x4b, 3, 4)) {
            return zip(Zip.entries(all), allowScript, depth);
        }
        if (begins(head, 0x1f, 0x8b)) {
            deeper(depth);
            return within("gzip", read(Unpacked.gzip(all), allowScript, depth + 1));
        }
        if (Tar.fits(head)) {
            return only("tar", Tar.entries(all), allowScript, depth);
        }
        if (Npy.fits(head)) {
            return Content.of("npy", Map.of("array", Npy.read("array", all)), Map.of());
        }
        if (head.remaining() >= 2 && head.get(0) == (byte) 0x80 && head.get(1) <= 5) {
            return TorchFile.legacy(all);
        }
        if (Safetensors.fits(head)) {
            return Safetensors.read(all);
        }
        throw new BadWeights(Strange.words(head) + "; expected " + Strange.EXPECTED);
    }

    private static boolean begins(ByteBuffer head, int... bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (head.remaining() <= i || (head.get(i) & 0xff) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    private static Content zip(Map<String, Stretch> entries, boolean allowScript, int depth)
            throws BadWeights {
        if (TorchFile.fits(entries)) {
            return TorchFile.zip(entries, allowScript);
        }
        if (Npz.fits(entries)) {
            return Npz.read(entries);
        }
        return only("zip", entries, allowScript, depth);
    }

    /** The one file of weights that is packed. */
    private static Content only(
            String format, Map<String, Stretch> entries, boolean allowScript, int depth)
            throws BadWeights {
        deeper(depth);
        if (entries.containsKey("storages") && entries.containsKey("pickle")) {
            throw new BadWeights(
                    "PyTorch 0.1 saved it, in a layout that is not read. Save it anew in Python:"
                            + " torch.save(torch.load(FILE), NEW)");
        }
        if (entries.containsKey("model.weights.h5") || entries.containsKey("word/document.xml")) {
            throw new BadWeights(
                    "it is "
                            + (entries.containsKey("model.weights.h5")
                                    ? "a model of Keras"
                                    : "a document")
                            + "; expected "
                            + Strange.EXPECTED);
        }
        List<String> weights = new ArrayList<>();
        for (String name : entries.keySet()) {
            String last = name.substring(name.lastIndexOf('/') + 1);
            if (!name.startsWith("__MACOSX/")
                    && !last.startsWith(".")
                    && (FileSet.ENDINGS.contains(FileSet.ending(last)) || last.endsWith(".gz"))) {
                weights.add(name);
            }
        }
        if (weights.size() != 1) {
            throw new BadWeights(
                    "it is a "
                            + format
                            + " file, but neither of torch.save nor of NumPy, "
                            + (weights.isEmpty()
                                    ? "and holds no file of weights: " + list(entries.keySet())
                                    : "and holds "
                                            + weights.size()
                                            + " files of weights: "
                                            + list(weights)
                                            + ". Unpack it and name one"));
        }
        Stretch one = Unpacked.entry(entries.get(weights.get(0)));
        return within(format + ": " + weights.get(0), read(one, allowScript, depth + 1));
    }

    private static String list(Iterable<String> names) {
        List<String> all = new ArrayList<>();
        names.forEach(all::add);
        String some =
                all.stream().limit(SHOWN).map(Shown::shorten).collect(Collectors.joining(", "));
        return all.isEmpty() ? "it is empty" : all.size() > SHOWN ? some + ", .." : some;
    }

    private static void deeper(int depth) throws BadWeights {
        if (depth >= DEEPEST) {
            throw new BadWeights("it is packed more than " + DEEPEST + " times");
        }
    }

    private static Content within(String outer, Content content) {
        return new Content(
                content.format() + " in " + Shown.shorten(outer),
                content.networks(),
                content.metadata(),
                content.passed());
    }

    /** What a file is that is none of ours. */
    static final class Strange {
        static final String EXPECTED = "safetensors, npz, or a state dict of torch.save";

        private static final String SAVE =
                ", which is not read. Save its weights in Python as safetensors or npz";

        private Strange() {}

        static String words(ByteBuffer head) {
            String text = StandardCharsets.ISO_8859_1.decode(head.duplicate()).toString();
            String lower =
                    text.replaceFirst("^\u00ef\u00bb\u00bf", "")
                            .stripLeading()
                            .toLowerCase(Locale.ROOT);
            if (text.isEmpty()) {
                return "it is empty";
            }
            if (lower.startsWith("<!doctype") || lower.startsWith("<html")) {
                return "it is a web page; download the file itself";
            }
            if (lower.startsWith("<?xml") || lower.startsWith("<error")) {
                return "it is XML, perhaps the answer of a server that refused; download the file"
                        + " itself";
            }
            if (text.startsWith("version https://git-lfs")) {
                return "it is a pointer of Git LFS; fetch the file itself (git lfs pull)";
            }
            String known = binary(head, text);
            if (known != null) {
                return known;
            }
            if (lower.startsWith("{") || lower.startsWith("[")) {
                return "it is JSON; an index of weights is named .index.json";
            }
            return text.chars().allMatch(c -> c >= 32 || c == '\n' || c == '\r' || c == '\t')
                    ? "it is text ('"
                            + Shown.shorten(text.lines().findFirst().orElse(""))
                            + "')"
                            + ", and of no format that is read here"
                    : "its first bytes are of no format that is read here";
        }

        private static String binary(ByteBuffer head, String text) {
            if (text.startsWith("\u0089HDF")) {
                return "it is HDF5 (Keras)" + SAVE;
            }
            if (text.startsWith("MATLAB ")) {
                return "it is a file of MATLAB" + SAVE;
            }
            if (text.startsWith("TFL3", 4)) {
                return "it is TensorFlow Lite" + SAVE;
            }
            if (text.startsWith("GGUF")) {
                return "it is GGUF" + SAVE;
            }
            if (text.startsWith("7z\u00bc\u00af")
                    || text.startsWith("Rar!")
                    || text.startsWith("\u00fd7zXZ")
                    || text.startsWith("BZh")
                    || text.startsWith("(\u00b5/\u00fd")) {
                return "it is packed (7z, rar, xz, bzip2 or zstd); unpack it";
            }
            if (text.startsWith("PK\u0005\u0006")) {
                return "it is an empty zip file";
            }
            if (text.startsWith("%PDF")) {
                return "it is a PDF";
            }
            if (text.startsWith("\u0089PNG") || text.startsWith("\u00ff\u00d8\u00ff")) {
                return "it is a picture";
            }
            // Field 1, a small number, and then fields 2 to 8: protocol buffers of the two.
            if (head.remaining() > 2 && head.get(0) == 8) {
                int version = head.get(1);
                int next = head.get(2);
                if (version == 1 && next == 0x12) {
                    return "it is a model of TensorFlow" + SAVE;
                }
                if (version >= 2
                        && version <= 20
                        && (next == 0x12 || next == 0x3a || next == 0x42)) {
                    return "it is ONNX, a graph and no state dict" + SAVE;
                }
            }
            return null;
        }
    }
}
