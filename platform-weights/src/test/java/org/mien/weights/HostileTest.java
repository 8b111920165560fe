// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files made to do harm: each is refused in words, with little memory. */
@Timeout(60)
class HostileTest {
    private static final long MOST_ALLOCATED = 64 << 20;

    @TempDir Path folder;

    private void refused(byte[] bytes, String... words) throws IOException {
        refused(Files.write(folder.resolve("hostile"), bytes), words);
    }

    private static void refused(Path file, String... words) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        BadWeights e = assertThrows(BadWeights.class, () -> WeightsFile.open(file).close());
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < MOST_ALLOCATED, allocated + " bytes for: " + e.getMessage());
        for (String word : words) {
            assertTrue(e.getMessage().contains(word), e.getMessage());
        }
    }

    private static byte[] zip(boolean deflate, Object... namesAndContents) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (int i = 0; i < namesAndContents.length; i += 2) {
                byte[] content = (byte[]) namesAndContents[i + 1];
                ZipEntry entry = new ZipEntry((String) namesAndContents[i]);
                if (!deflate) {
                    CRC32 crc = new CRC32();
                    crc.update(content);
                    entry.setMethod(ZipEntry.STORED);
                    entry.setSize(content.length);
                    entry.setCrc(crc.getValue());
                }
                zip.putNextEntry(entry);
                zip.write(content);
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }

    /** A zip of torch.save whose pickle is this, one character a byte. */
    private static byte[] pickled(String pickle) throws IOException {
        return zip(
                false,
                "a/data.pkl",
                pickle.getBytes(StandardCharsets.ISO_8859_1),
                "a/data/0",
                new byte[48]);
    }

    private static String text(String text) {
        return "X" + (char) text.length() + "\0\0\0" + text;
    }

    /** A tensor of twelve floats on the storage 0. */
    private static String tensor(String offset, String shape, String strides) {
        return "ctorch._utils\n_rebuild_tensor_v2\n(("
                + text("storage")
                + "ctorch\nFloatStorage\n"
                + text("0")
                + text("cpu")
                + "K\u000ctQ"
                + offset
                + "("
                + shape
                + "t("
                + strides
                + "t\u0089NtR";
    }

    private static String stateDict(String name, String tensor) {
        return "\u0080\u0002}" + text(name) + tensor + "s.";
    }

    @Test
    void theyWouldLoadIfTheyWereHonest() throws IOException {
        Path file = folder.resolve("honest");
        Files.write(
                file, pickled(stateDict("w", tensor("K\0", "K\u0003K\u0004", "K\u0004K\u0001"))));
        try (WeightsFile weights = WeightsFile.open(file)) {
            assertTrue(Arrays.equals(new float[12], weights.tensors().get("w").floats()));
        }
    }

    @Test
    void aPickleThatCalls() throws IOException {
        refused(
                pickled("\u0080\u0002cposix\nsystem\n" + text("touch /tmp/owned") + "\u0085R."),
                "'posix.system'",
                "Nothing of it was run");
        refused(
                pickled("\u0080\u0002cbuiltins\neval\n" + text("1") + "\u0085R."),
                "'builtins.eval'");
        refused(
                pickled(
                        "\u0080\u0004\u008c\u0002os\u008c\u0006system\u0093"
                                + text("id")
                                + "\u0085R."),
                "'os.system'");
        refused(pickled("(S'id'\nios\nsystem\n."), "'os.system'", "which Python would run");
        refused(pickled("(cos\nsystem\nS'id'\no."), "'os.system'", "which Python would run");
        refused(pickled("cbuiltins\ngetattr\n(cos\nx\nS'system'\ntR(S'id'\ntR."), "getattr");
        refused(pickled("\u0080\u0002\u0082\u0001)R."), "'copyreg.extension 1'");
        refused(pickled("\u0080\u0005\u0097."), "operation 0x97", "Nothing of it was run");
        refused(
                pickled("\u0080\u0002ctorch.storage\n_load_from_bytes\n" + text("") + "\u0085R."),
                "'torch.storage._load_from_bytes'");
        refused(pickled("\u0080\u0002" + text("eval") + ")R."), "calls the text 'eval'");
        refused(pickled("\u0080\u0002ctorch\nFloatStorage\n)R."), "torch.FloatStorage");
        refused(pickled("\u0080\u0002c__torch__.Evil\nForward\n)\u0081."), "TorchScript");
        byte[] legacy = "\u0080\u0002cposix\nsystem\n.".getBytes(StandardCharsets.ISO_8859_1);
        refused(legacy, "'posix.system'");
    }

    @Test
    void lengthsThatAreNotThere() throws IOException {
        String huge = "\0\0\0\0\0\0\0\u0010"; // 2^60
        refused(pickled("\u0080\u0004\u008d" + huge), "claims 1152921504606846976 bytes");
        refused(pickled("\u0080\u0004\u008e" + huge), "claims 1152921504606846976 bytes");
        refused(pickled("\u0080\u0004\u008d\0\0\0\0\0\0\0\u0080"), "claims 9223372036854775808");
        refused(pickled("\u0080\u0002X\u00ff\u00ff\u00ff\u00ff"), "claims 4294967295 bytes");
        refused(pickled("\u0080\u0002\u008b\u00ff\u00ff\u00ff\u007f"), "claims 2147483647");
        refused(pickled("\u0080\u0002r\u00ff\u00ff\u00ff\u007f."), "nothing is there");
        refused(pickled("\u0080\u0002L" + "9".repeat(2000) + "L\n."), "a line of over");
        refused(pickled("\u0080\u0002"), "is cut after 2 bytes");
        refused(pickled("\u0080\u0009"), "protocol 9");
    }

    @Test
    void shapesThatCannotBe() throws IOException {
        String large = "\u008a\u0008\0\0\0\0\0\0\0\u0010"; // 2^60
        refused(pickled(stateDict("w", tensor("K\0", large, "K\u0001"))), "'w'", "[11529215046");
        refused(pickled(stateDict("w", tensor("K\0", large + large, "K\0K\0"))), "less than 2^63");
        refused(pickled(stateDict("w", tensor("K\0", large, "K\0"))), "repeats the 12 elements");
        refused(
                pickled(stateDict("w", tensor("K\0", "J\u00ff\u00ff\u00ff\u00ff", "K\u0001"))),
                "'w'",
                "[-1]");
        refused(
                pickled(stateDict("w", tensor("K\0", "G\u007f\u00f8\0\0\0\0\0\0", "K\u0001"))),
                "NaN in its shape");
        refused(
                pickled(stateDict("w", tensor("K\u000c", "K\u0001", "K\u0001"))),
                "needs elements 12 to 12; its storage has 12");
        refused(pickled(stateDict("w", tensor(large, "K\u0001", large))), "its storage has 12");
        refused(
                pickled(stateDict("w", tensor("K\0", "K\u0002", "J\u00ff\u00ff\u00ff\u00ff"))),
                "the stride -1");
        refused(
                pickled(stateDict("w", tensor("K\0", "K\u0001", "K\u0001K\u0001"))),
                "1 axes and 2");
        refused(
                pickled(
                        stateDict(
                                "w", tensor("K\0", "K\u0001".repeat(200), "K\u0001".repeat(200)))),
                "at most 64");
    }

    @Test
    void structuresWithoutEnd() throws IOException {
        refused(pickled("\u0080\u0002]q\0h\0a."), "holds no tensors");
        refused(pickled("\u0080\u0002}q\0" + text("x") + "h\0s."), "holds no tensors");
        refused(pickled("\u0080\u0002" + "]0".repeat(500_000)), "makes over 400000 objects");
        refused(pickled("\u0080\u0002" + "(".repeat(300_000)), "stacks over 200000");
        refused(pickled("\u0080\u0002" + "N0".repeat(3_000_000)), "over 4000000 operations");
        StringBuilder deep = new StringBuilder("\u0080\u0002");
        for (int i = 0; i < 1000; i++) {
            deep.append('}').append(text("k"));
        }
        deep.append("N").append("s".repeat(1000)).append('.');
        refused(pickled(deep.toString()), "nested deeper than");
        // Twenty dictionaries, each holding the one before ten times: 10^20 on the way through.
        StringBuilder laughs = new StringBuilder("\u0080\u0002}q\0");
        for (int i = 1; i < 15; i++) {
            laughs.append('}').append("q").append((char) i);
            for (int k = 0; k < 10; k++) {
                laughs.append(text("k" + k)).append("h").append((char) (i - 1)).append('s');
            }
        }
        refused(pickled(laughs + "."), "holds no tensors");
        refused(pickled("\u0080\u0002}" + (text("a") + "Ns").repeat(2) + "."), "'a' twice");
        refused(pickled("\u0080\u0002" + (text("x") + "0").repeat(450_000)), "objects");
        refused(pickled("."), "nothing is there");
        refused(pickled("\u0080\u0002N."), "no dictionary of tensors");
    }

    @Test
    void zipsThatLie() throws IOException {
        byte[] whole = pickled(stateDict("w", tensor("K\0", "K\u000c", "K\u0001")));
        for (int cut : new int[] {5, 30, whole.length / 2, whole.length - 1}) {
            refused(Arrays.copyOf(whole, cut), "cut");
        }
        byte[] bomb = zip(true, "a/data.pkl", new byte[400 << 20]);
        refused(bomb, "operation 0x0");
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        String text = "{'descr': '<f4', 'fortran_order': False, 'shape': (107374182400,), }\n";
        header.write(
                new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) text.length(), 0});
        header.write(text.getBytes(StandardCharsets.US_ASCII));
        refused(zip(true, "w.npy", header.toByteArray()), "'w'", "its storage has 0");
        refused(zip(true, "readme.txt", new byte[3]), "neither of torch.save nor of NumPy");
        // Two entries of one name; ZipOutputStream would not write them.
        byte[] twice = zip(false, "a/data.pkl", new byte[] {'.'}, "b/data.pkl", new byte[] {'.'});
        for (int i = 0; i < twice.length - 10; i++) {
            if (new String(twice, i, 10, StandardCharsets.ISO_8859_1).equals("b/data.pkl")) {
                twice[i] = 'a';
            }
        }
        refused(twice, "two of its entries are named 'a/data.pkl'");
        // The second entry's place in the directory is that of the first.
        byte[] overlap = zip(false, "a.npy", new byte[9], "b.npy", new byte[9]);
        int directory =
                ByteBuffer.wrap(overlap).order(ByteOrder.LITTLE_ENDIAN).getInt(overlap.length - 6);
        Arrays.fill(overlap, directory + 51 + 42, directory + 51 + 46, (byte) 0);
        refused(overlap, "overlap");
    }

    private static byte[] safetensors(String header, int data) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer file =
                ByteBuffer.allocate(8 + text.length + data).order(ByteOrder.LITTLE_ENDIAN);
        return file.putLong(text.length).put(text).array();
    }

    private static String one(String name, String shape, long from, long to) {
        return "\""
                + name
                + "\":{\"dtype\":\"F32\",\"shape\":"
                + shape
                + ",\"data_offsets\":["
                + from
                + ","
                + to
                + "]}";
    }

    @Test
    void safetensorsThatLie() throws IOException {
        ByteBuffer long4g = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        refused(long4g.putLong(4L << 30).put((byte) '{').array(), "header claims 4294967296 bytes");
        refused(long4g.putLong(0, -1).array(), "header claims 18446744073709551615 bytes");
        refused(
                safetensors("{" + one("a", "[2]", 0, 8) + "," + one("b", "[2]", 4, 12) + "}", 12),
                "'b'",
                "overlap");
        refused(
                safetensors("{" + one("a", "[2]", 0, 8) + "," + one("b", "[1]", 12, 16) + "}", 16),
                "gap");
        refused(safetensors("{" + one("a", "[2]", 0, 8) + "}", 4), "'a' lies at 0 to 8 of 4 bytes");
        refused(safetensors("{" + one("a", "[2]", 0, 8) + "}", 12), "end at 8 of 12");
        refused(safetensors("{" + one("a", "[3]", 0, 8) + "}", 8), "'a'");
        refused(safetensors("{" + one("a", "[-2]", 0, 8) + "}", 8), "[-2]");
        refused(safetensors("{" + one("a", "[NaN]", 0, 8) + "}", 8), "no JSON of tensors");
        refused(safetensors("{" + one("a", "[1e9]", 0, 8) + "}", 8), "'a'", "1e9");
        refused(safetensors("{" + one("a", "[1.5]", 0, 8) + "}", 8), "1.5");
        refused(
                safetensors(
                        "{" + one("a", "[999999999999999999,999999999999999999]", 0, 8) + "}", 8),
                "less than 2^63");
        refused(
                safetensors("{" + one("a", "[2]", 0, 8) + "," + one("a", "[2]", 0, 8) + "}", 8),
                "two tensors are named 'a'");
        refused(
                safetensors("{" + one("a", "[" + "1,".repeat(70) + "2]", 0, 8) + "}", 8),
                "64 axes");
        refused(safetensors("{\"a\":" + "[".repeat(1_000_000) + "}", 8), "no JSON of tensors");
        refused(
                safetensors("{" + one("a", "[2]", 0, 8).replace("F32", "F8_E4M3") + "}", 8),
                "'F8_E4M3', which is not read");
        StringBuilder many = new StringBuilder("{");
        for (int i = 0; i <= 50_000; i++) {
            many.append(i == 0 ? "" : ",").append(one("t" + i, "[0]", 0, 0));
        }
        refused(safetensors(many + "}", 0), "over 50000 tensors");
        refused(
                safetensors("{\"__metadata__\":{\"a\":\"" + "x".repeat(9 << 20) + "\"}}", 1),
                "tensors end at 0 of 1");
    }

    @Test
    void legacyFilesThatLie() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeBytes(
                "\u0080\u0002\u008a\n"
                        + "\u006c\u00fc\u009c\u0046\u00f9\u0020\u006a\u00a8\u0050\u0019.");
        out.writeBytes("\u0080\u0002M\u00e9\u0003.\u0080\u0002}.");
        out.writeBytes(stateDict("w", tensor("K\0", "K\u000c", "K\u0001")));
        out.writeBytes("\u0080\u0002]" + text("0") + "a.");
        byte[] head = bytes.toByteArray();
        refused(head, "ends before its storage '0'");
        out.writeBytes("\0\0\0\0\0\0\0\u0010");
        refused(bytes.toByteArray(), "claims 1152921504606846976 elements");
        ByteBuffer honest = ByteBuffer.allocate(head.length + 56).order(ByteOrder.LITTLE_ENDIAN);
        Path file = folder.resolve("legacy");
        Files.write(file, honest.put(head).putLong(12).array());
        WeightsFile.open(file).close();
    }
}
