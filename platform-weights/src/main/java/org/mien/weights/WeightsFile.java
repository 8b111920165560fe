// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.io.Closeable;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Files of named arrays: safetensors, NPZ, NPY (one array, named {@code array}), or what PyTorch
 * saves, in the zip layout or the one before; also in several pieces, in a folder, or packed. What
 * it is, the first bytes say, not the name. Opening reads what it holds and checks that all of it
 * lies within the file; elements are read when asked for, from a mapping of the file as it was when
 * it was opened. No code of a file is ever run; what is no tensor is passed over, and told. May be
 * read by several threads.
 */
public final class WeightsFile implements Closeable {
    /** System property that lets the data of TorchScript programs be read: {@code allow}. */
    public static final String TORCH_SCRIPT = "mien.weights.torchscript";

    private static final int SHOWN = 8;

    private final Path file;
    private final List<FileBytes> parts = new ArrayList<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final Set<String> passed = new LinkedHashSet<>();
    private List<Network> networks = new ArrayList<>();
    private String format;
    private String choice = "";
    private Network usual;

    private WeightsFile(Path file) {
        this.file = file;
    }

    /**
     * Opens a file, or what is in a folder.
     *
     * @param file the file, a piece of several, their index, or a folder
     * @return what is in it; to be closed
     * @throws BadWeights in words, when it is none or is broken
     */
    public static WeightsFile open(Path file) throws BadWeights {
        return open(new Place(file, ""));
    }

    /**
     * Opens a file, or what is in a folder, and chooses among its networks.
     *
     * @param place where it is, and which network of it
     * @return what is in it; to be closed
     * @throws BadWeights in words, when it is none or is broken, or has no such network
     */
    public static WeightsFile open(Place place) throws BadWeights {
        FileSet set = FileSet.of(place.path());
        boolean several = set.files().size() > 1;
        WeightsFile opened = new WeightsFile(several ? set.shown() : set.files().get(0));
        boolean whole = false;
        try {
            for (Path one : set.files()) {
                opened.read(one);
            }
            opened.settle(set, place.choice());
            whole = true;
            return opened;
        } finally {
            if (!whole) {
                opened.close();
            }
        }
    }

    private void settle(FileSet set, String wanted) throws BadWeights {
        try {
            if (set.files().size() > 1) {
                join(set);
            }
            choose(wanted);
            usual = Preference.usual(networks);
        } catch (BadWeights e) {
            throw broken(file, e);
        }
    }

    private static BadWeights broken(Path file, BadWeights why) {
        return new BadWeights(file + " cannot be used: " + why.getMessage() + ".");
    }

    private void read(Path one) throws BadWeights {
        FileBytes bytes = FileBytes.open(one);
        parts.add(bytes);
        Content content;
        try {
            content = Formats.read(bytes, "allow".equals(System.getProperty(TORCH_SCRIPT)));
            bytes.intact();
        } catch (InternalError e) { // a page of a mapped file that was cut in the meantime
            throw broken(one, new BadWeights("it became shorter while it was read"));
        } catch (BadWeights e) {
            throw broken(one, e);
        }
        format = content.format();
        networks.addAll(content.networks());
        metadata.putAll(content.metadata());
        passed.addAll(content.passed());
    }

    /** Networks of the same path are pieces of one. */
    private void join(FileSet set) throws BadWeights {
        format = format + ", " + set.files().size() + " files";
        Map<String, Map<String, Tensor>> joined = new LinkedHashMap<>();
        for (Network network : networks) {
            Map<String, Tensor> all =
                    joined.computeIfAbsent(network.path(), path -> new LinkedHashMap<>());
            for (Map.Entry<String, Tensor> tensor : network.tensors().entrySet()) {
                if (all.put(tensor.getKey(), tensor.getValue()) != null) {
                    throw new BadWeights(
                            "two of its files have '" + Shown.shorten(tensor.getKey()) + "'");
                }
            }
        }
        networks = new ArrayList<>();
        joined.forEach((path, tensors) -> networks.add(new Network(path, tensors)));
        Set<String> missing = new LinkedHashSet<>(set.tensors().keySet());
        joined.values().forEach(tensors -> missing.removeAll(tensors.keySet()));
        if (!missing.isEmpty()) {
            throw new BadWeights(
                    "its files lack "
                            + missing.size()
                            + " tensors of the index: "
                            + some(missing)
                            + "; they are of different versions, or were cut");
        }
    }

    /** Leaves what lies under a place. */
    private void choose(String wanted) throws BadWeights {
        if (wanted.isEmpty()) {
            return;
        }
        List<Network> chosen = new ArrayList<>();
        for (Network network : networks) {
            Map<String, Tensor> under = new LinkedHashMap<>();
            network.tensors()
                    .forEach(
                            (name, tensor) -> {
                                String place = network.place(name);
                                if (place.startsWith(wanted + ".")
                                        || name.startsWith(wanted + ".")) {
                                    under.put(name, tensor);
                                }
                            });
            if (!under.isEmpty()) {
                chosen.add(new Network(network.path(), under));
            }
        }
        if (chosen.isEmpty()) {
            throw new BadWeights(
                    "nothing in it is under '"
                            + Shown.shorten(wanted)
                            + "'; it has "
                            + some(places()));
        }
        networks = chosen;
        choice = wanted;
    }

    /** What could be chosen: paths, with what names begin with. */
    private Set<String> places() {
        Set<String> places = new LinkedHashSet<>();
        for (Network network : networks) {
            if (!network.path().isEmpty()) {
                places.add(network.path());
            }
        }
        for (Network network : networks) {
            Set<String> firsts = new HashSet<>();
            for (String name : network.tensors().keySet()) {
                int dot = name.indexOf('.');
                String first = dot < 0 ? name : name.substring(0, dot);
                if (first.equals("module") && name.indexOf('.', dot + 1) > 0) {
                    first = name.substring(0, name.indexOf('.', dot + 1));
                }
                if (firsts.add(first)) {
                    places.add(network.place(first));
                }
            }
        }
        return places;
    }

    private static String some(Set<String> names) {
        String some =
                names.stream().limit(SHOWN).map(Shown::shorten).collect(Collectors.joining(", "));
        return names.size() > SHOWN ? some + ", .." : some;
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
     * What stands around the tensors.
     *
     * @return keys with dots, for example {@code model}; may be empty
     */
    public String wrapper() {
        return usual.path();
    }

    /**
     * Its tensors, in the order of the file; where it holds several networks, those of the one that
     * is usually meant.
     *
     * @return name to tensor
     */
    public Map<String, Tensor> tensors() {
        return Collections.unmodifiableMap(usual.tensors());
    }

    /**
     * All its networks; of a choice, those that lie under it.
     *
     * @return one at least, the outer ones first
     */
    public List<Network> networks() {
        return Collections.unmodifiableList(networks);
    }

    /**
     * What it holds beside tensors and was passed over as data: classes and functions by name, how
     * often in brackets, the first of many.
     *
     * @return in words; empty for most files
     */
    public List<String> passed() {
        return List.copyOf(passed);
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
     * @return bytes, of all its files
     */
    public long size() {
        return parts.stream().mapToLong(FileBytes::size).sum();
    }

    /**
     * The file.
     *
     * @return its path; of several the one that was named, of a folder the file in it
     */
    public Path file() {
        return file;
    }

    /**
     * The file and what was chosen of it.
     *
     * @return as a user writes it
     */
    public Place place() {
        return new Place(file, choice);
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
            throw broken(file, e);
        }
    }

    /**
     * Which file it is, whatever it is called.
     *
     * @return SHA-256 of its bytes, in hexadecimal; of several files one behind the other
     * @throws BadWeights when it cannot be read, or was written to since it was opened
     */
    public String sha256() throws BadWeights {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (FileBytes part : parts) {
                part.intact();
                for (long at = 0; at < part.size(); ) {
                    ByteBuffer some = part.bytes(at, Math.min(part.size() - at, 1 << 20));
                    at += some.remaining();
                    digest.update(some);
                }
                part.unchanged();
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        } catch (InternalError e) {
            throw broken(file, new BadWeights("it became shorter while it was read"));
        } catch (BadWeights e) {
            throw broken(file, e);
        }
    }

    @Override
    public void close() {
        parts.forEach(FileBytes::close);
    }
}
