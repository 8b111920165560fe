// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A file of named arrays: safetensors, NPZ, NPY (one array, named {@code array}), or a state dict
 * of PyTorch in the zip layout or the one before. What it is, its first bytes say, not its name.
 * Opening reads what it holds and checks that all of it lies within the file; elements are read
 * when asked for. No code of a file is ever run. Not for several threads.
 */
public final class WeightsFile implements Closeable {
    /** System property that lets the data of TorchScript programs be read: {@code allow}. */
    public static final String TORCH_SCRIPT = "mien.weights.torchscript";

    private final Path file;
    private final FileChannel channel;
    private final long size;
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private String format;
    private String wrapper = "";
    private Map<String, Tensor> tensors;

    private WeightsFile(Path file) throws IOException {
        this.file = file;
        channel = FileChannel.open(file);
        size = channel.size();
    }

    /**
     * Opens a file.
     *
     * @param file the file
     * @return what is in it; to be closed
     * @throws BadWeights in words, when it is none or is broken
     */
    public static WeightsFile open(Path file) throws BadWeights {
        if (!Files.isRegularFile(file)) {
            throw new BadWeights(
                    file
                            + (Files.exists(file) ? " is no file" : " does not exist")
                            + "; expected a file of weights");
        }
        WeightsFile opened;
        try {
            opened = new WeightsFile(file);
        } catch (IOException e) {
            throw new BadWeights(file + " cannot be read: " + e.getMessage());
        }
        try {
            opened.read();
            return opened;
        } catch (BadWeights e) {
            opened.close();
            throw opened.broken(e);
        } catch (RuntimeException | Error e) {
            opened.close();
            throw e;
        }
    }

    private BadWeights broken(BadWeights why) {
        return new BadWeights(file + " cannot be used: " + why.getMessage() + ".");
    }

    private void read() throws BadWeights {
        Stretch all = Stretch.stored(channel, 0, size);
        ByteBuffer head = all.bytes(0, Math.min(size, 512));
        if (head.remaining() >= 4 && head.getInt(0) == 0x504b0304) {
            Map<String, Stretch> entries = Zip.entries(channel, size);
            if (TorchFile.fits(entries)) {
                take(TorchFile.zip(entries, "allow".equals(System.getProperty(TORCH_SCRIPT))));
            } else if (Npz.fits(entries)) {
                format = "npz";
                tensors = Npz.read(entries);
            } else {
                throw new BadWeights("it is a zip file, but neither of torch.save nor of NumPy");
            }
        } else if (Npy.fits(head)) {
            format = "npy";
            tensors = Map.of("array", Npy.read("array", all));
        } else if (head.remaining() >= 2 && head.get(0) == (byte) 0x80 && head.get(1) <= 5) {
            take(TorchFile.legacy(all));
        } else if (Safetensors.fits(head)) {
            format = "safetensors";
            tensors = Safetensors.read(channel, size, metadata);
        } else {
            throw new BadWeights(strange(head));
        }
    }

    private void take(TorchFile.Content content) {
        format = content.format();
        wrapper = content.wrapper();
        tensors = content.tensors();
    }

    /** What a file is that is none of ours. */
    private static String strange(ByteBuffer head) {
        String text = StandardCharsets.ISO_8859_1.decode(head.duplicate()).toString();
        String lower = text.stripLeading().toLowerCase(Locale.ROOT);
        String what = "its first bytes are of no format that is read here";
        if (text.isEmpty()) {
            what = "it is empty";
        } else if (lower.startsWith("<!doctype") || lower.startsWith("<html")) {
            what = "it is a web page; download the file itself";
        } else if (text.startsWith("version https://git-lfs")) {
            what = "it is a pointer of Git LFS; fetch the file itself (git lfs pull)";
        } else if (text.startsWith("\u0089HDF")) {
            what = "it is HDF5 (Keras)";
        } else if (text.length() > 262 && text.startsWith("ustar", 257)) {
            what = "it is a tar file; PyTorch 0.1 wrote such, or it must be unpacked";
        }
        return what + "; expected safetensors, npz, or a state dict of torch.save";
    }

    /**
     * Which format it is.
     *
     * @return for example {@code safetensors}
     */
    public String format() {
        return format;
    }

    /**
     * What stands around the state dict.
     *
     * @return keys with dots, for example {@code model}; may be empty
     */
    public String wrapper() {
        return wrapper;
    }

    /**
     * Its tensors, in the order of the file.
     *
     * @return name to tensor
     */
    public Map<String, Tensor> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    /**
     * Text beside them.
     *
     * @return name to text
     */
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(metadata);
    }

    /**
     * Its size.
     *
     * @return bytes
     */
    public long size() {
        return size;
    }

    /**
     * The file.
     *
     * @return its path
     */
    public Path file() {
        return file;
    }

    /**
     * Reads a tensor.
     *
     * @param tensor one of its own
     * @return its elements, row by row
     * @throws BadWeights when they cannot be read
     */
    public float[] floats(Tensor tensor) throws BadWeights {
        try {
            return tensor.floats();
        } catch (BadWeights e) {
            throw broken(e);
        }
    }

    /**
     * Which file it is, whatever it is called.
     *
     * @return SHA-256 of its bytes, in hexadecimal
     * @throws BadWeights when it cannot be read
     */
    public String sha256() throws BadWeights {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            ByteBuffer piece = ByteBuffer.allocate(1 << 20);
            long at = 0;
            while (at < size) {
                int some = channel.read(piece.clear(), at);
                if (some < 0) {
                    throw new BadWeights("it became shorter");
                }
                digest.update(piece.flip());
                at += some;
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        } catch (BadWeights e) {
            throw broken(e);
        } catch (IOException e) {
            throw broken(new BadWeights("it cannot be read: " + e.getMessage()));
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
