// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.client;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;

/**
 * A public key of OpenSSH, one that Karaf's login knows.
 *
 * @param type as OpenSSH names it
 * @param base64 its bytes as they stand in the file
 */
record SshKey(String type, String base64) {
    private static final int LONGEST_FILE = 16 * 1024;
    private static final int FEWEST_BITS = 2048;
    private static final String HOW =
            "; make one with: ssh-keygen -t ecdsa -f KEY, and give KEY.pub";

    /**
     * Reads a file with one key.
     *
     * @param typed the path as the user knows it
     */
    static SshKey read(Path file, String typed) throws Users.Refusal {
        String text;
        try {
            if (Files.size(file) > LONGEST_FILE) {
                throw new Users.Refusal(
                        "key '" + typed + "' is no public key: it is too long" + HOW);
            }
            text = Files.readString(file);
        } catch (IOException e) {
            throw new Users.Refusal(
                    "key '" + typed + "' cannot be read as text: " + e.getMessage() + HOW);
        }
        if (text.contains("PRIVATE KEY")) {
            throw new Users.Refusal(
                    "key '"
                            + typed
                            + "' is a private key, which is nobody's but its owner's; give the public"
                            + " one, "
                            + typed
                            + ".pub");
        }
        List<String> lines =
                text.lines().map(String::strip).filter(l -> !l.matches("|#.*")).toList();
        if (lines.size() != 1) {
            throw new Users.Refusal(
                    "key '" + typed + "' has " + lines.size() + " lines; expected one key");
        }
        String[] words = lines.get(0).split("\\s+");
        return known(typed, words);
    }

    private static SshKey known(String typed, String... words) throws Users.Refusal {
        String type = words[0];
        if (!type.matches("ssh-rsa|ecdsa-sha2-nistp(256|384|521)")) {
            throw new Users.Refusal(
                    "key '"
                            + typed
                            + "' is of the type '"
                            + (type.length() > 40 ? "?" : type)
                            + "'; expected ssh-rsa or ecdsa-sha2-nistp256, -384 or -521"
                            + HOW);
        }
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(words[1]));
            boolean same = new String(part(bytes), StandardCharsets.US_ASCII).equals(type);
            byte[] first = part(bytes);
            byte[] second = part(bytes);
            if (!same || bytes.hasRemaining() || first.length == 0) {
                throw new IllegalArgumentException("its parts do not fit its type");
            }
            int bits = new BigInteger(1, second).bitLength();
            if (type.equals("ssh-rsa") && bits < FEWEST_BITS) {
                throw new IllegalArgumentException(
                        "it has " + bits + " bits; expected " + FEWEST_BITS + " or more");
            }
        } catch (IllegalArgumentException
                | BufferUnderflowException
                | ArrayIndexOutOfBoundsException e) {
            String why = e instanceof IllegalArgumentException ? ": " + e.getMessage() : "";
            throw new Users.Refusal("key '" + typed + "' is no public key of OpenSSH" + why + HOW);
        }
        return new SshKey(type, words[1]);
    }

    private static byte[] part(ByteBuffer bytes) {
        int length = bytes.getInt();
        if (length < 0 || length > bytes.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] part = new byte[length];
        bytes.get(part);
        return part;
    }

    /** Its type and fingerprint, as {@code ssh-keygen -l} has it. */
    String words() {
        return type + " " + words(base64);
    }

    /** The fingerprint of a key in a file of Karaf's. */
    static String words(String base64) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(Base64.getDecoder().decode(base64));
            return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(digest);
        } catch (IllegalArgumentException e) {
            return "no key";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
