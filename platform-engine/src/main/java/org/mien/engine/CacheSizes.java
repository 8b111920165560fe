// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.engine;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What oneDNN believes of the processor's caches. Where a virtual machine answers zero to AMD's way
 * of asking (CPUID 0x8000001D), oneDNN 3.7 takes three levels of one byte each, where it should
 * take its own guess, as it does for processors that tell it of no level at all.
 */
final class CacheSizes {
    /** The one object of {@code dnnl::impl::cpu::x64::cpu()}, an {@code Xbyak::util::Cpu}. */
    private static final String CPU = "_ZZN4dnnl4impl3cpu3x643cpuEvE4cpu_";

    /** Where the object has its sizes in bytes, a 32-bit number a level. */
    static final int SIZES = 0x1c;

    /** Where it has the number of levels. */
    static final int LEVELS = 0x6c;

    private static final String MEMORY = "/proc/self/mem";

    private final long cpu;

    private CacheSizes(long cpu) {
        this.cpu = cpu;
    }

    /**
     * Finds them.
     *
     * @param library libtorch_cpu as it is loaded
     * @return nothing where the library is another
     * @throws IOException where memory or library cannot be read
     */
    static Optional<CacheSizes> of(Path library) throws IOException {
        OptionalLong base = base(library);
        OptionalLong offset = symbol(library, CPU);
        return base.isEmpty() || offset.isEmpty()
                ? Optional.empty()
                : Optional.of(new CacheSizes(base.getAsLong() + offset.getAsLong()));
    }

    /**
     * Lets oneDNN guess where it takes each cache for one byte. It must have looked at the
     * processor before, and what it made up to then stays as it is.
     *
     * @param library libtorch_cpu as it is loaded
     * @return whether it did so; not where something else is wrong, or the library is another
     */
    static boolean mend(Path library) {
        try {
            Optional<CacheSizes> found = of(library);
            if (found.isEmpty() || !found.get().areOne()) {
                return false;
            }
            found.get().write(LEVELS, 0);
            return true;
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
            return false; // no such file system, not allowed, or no such library
        }
    }

    private boolean areOne() throws IOException {
        return read(LEVELS) == 3
                && read(SIZES) == 1
                && read(SIZES + 4) == 1
                && read(SIZES + 8) == 1;
    }

    int read(int field) throws IOException {
        try (RandomAccessFile memory = new RandomAccessFile(MEMORY, "r")) {
            memory.seek(cpu + field);
            return Integer.reverseBytes(memory.readInt());
        }
    }

    void write(int field, int value) throws IOException {
        try (RandomAccessFile memory = new RandomAccessFile(MEMORY, "rw")) {
            memory.seek(cpu + field);
            memory.writeInt(Integer.reverseBytes(value));
        }
    }

    /** Where this process has loaded a library; files that are only read are mapped shared. */
    private static OptionalLong base(Path library) throws IOException {
        String path = " " + library.toRealPath();
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            if (line.endsWith(path) && line.matches("[0-9a-f-]+ ...p 0+ .*")) {
                return OptionalLong.of(Long.parseLong(line.substring(0, line.indexOf('-')), 16));
            }
        }
        return OptionalLong.empty();
    }

    /** Where a library has what a name in its table of symbols stands for (ELF, 64 bits). */
    static OptionalLong symbol(Path library, String name) throws IOException {
        byte[] wanted = (name + "\0").getBytes(StandardCharsets.US_ASCII);
        try (FileChannel file = FileChannel.open(library)) {
            ByteBuffer header = map(file, 0, 64);
            if (header.getInt(0) != 0x464c457f || header.get(4) != 2) {
                return OptionalLong.empty();
            }
            int length = header.getShort(0x3a);
            int count = header.getShort(0x3c);
            ByteBuffer sections = map(file, header.getLong(0x28), (long) length * count);
            for (int section = 0; section < length * count; section += length) {
                if (sections.getInt(section + 4) != 2) { // SHT_SYMTAB
                    continue;
                }
                ByteBuffer symbols = content(file, sections, section);
                ByteBuffer names =
                        content(file, sections, sections.getInt(section + 0x28) * length);
                for (int at = 0; at < symbols.limit(); at += 24) {
                    if ((symbols.get(at + 4) & 15) == 1 // STT_OBJECT
                            && is(names, symbols.getInt(at), wanted)) {
                        return OptionalLong.of(symbols.getLong(at + 8));
                    }
                }
            }
            return OptionalLong.empty();
        }
    }

    private static boolean is(ByteBuffer names, int at, byte[] wanted) {
        return at >= 0
                && at <= names.limit() - wanted.length
                && names.slice(at, wanted.length).equals(ByteBuffer.wrap(wanted));
    }

    private static ByteBuffer content(FileChannel file, ByteBuffer sections, int section)
            throws IOException {
        return map(file, sections.getLong(section + 0x18), sections.getLong(section + 0x20));
    }

    private static ByteBuffer map(FileChannel file, long from, long length) throws IOException {
        return file.map(MapMode.READ_ONLY, from, length).order(ByteOrder.LITTLE_ENDIAN);
    }
}
