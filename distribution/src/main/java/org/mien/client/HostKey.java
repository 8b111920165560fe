// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;

/**
 * The key by which the client knows the platform: the password goes to nobody else who may listen
 * on the port. Made before the first start, in the two files that Karaf's SSH server reads.
 */
final class HostKey {
    private static final String PRIVATE = "host.key";
    private static final String PUBLIC = "host.key.pub";

    private HostKey() {}

    /** Makes the two files when one of them is missing. */
    static void make(Path etc) throws IOException, GeneralSecurityException {
        if (Files.exists(etc.resolve(PRIVATE)) && Files.exists(etc.resolve(PUBLIC))) {
            return;
        }
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        write(etc.resolve(PRIVATE), "PRIVATE KEY", pair.getPrivate().getEncoded());
        write(etc.resolve(PUBLIC), "PUBLIC KEY", pair.getPublic().getEncoded());
    }

    private static void write(Path file, String title, byte[] key) throws IOException {
        String text =
                "-----BEGIN "
                        + title
                        + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key)
                        + "\n-----END "
                        + title
                        + "-----\n";
        Path half =
                Files.createTempFile(
                        file.getParent(),
                        "key",
                        "",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        Files.write(half, text.getBytes(StandardCharsets.US_ASCII));
        Files.move(half, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** The public half. */
    static PublicKey read(Path etc) throws IOException, GeneralSecurityException {
        String text = Files.readString(etc.resolve(PUBLIC));
        byte[] key;
        try {
            key = Base64.getMimeDecoder().decode(text.replaceAll("-----[A-Z ]+-----", ""));
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException(etc.resolve(PUBLIC) + " holds no key", e);
        }
        return KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(key));
    }
}
