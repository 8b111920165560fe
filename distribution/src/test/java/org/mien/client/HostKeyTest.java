// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostKeyTest {
    @TempDir Path etc;

    @Test
    void theTwoFilesAreOnePairAndStay() throws Exception {
        HostKey.make(etc);
        String text = Files.readString(etc.resolve("host.key"));
        byte[] key = Base64.getMimeDecoder().decode(text.replaceAll("-----[A-Z ]+-----", ""));
        PrivateKey secret =
                KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(key));
        byte[] message = {1, 2, 3};
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(secret);
        signature.update(message);
        byte[] signed = signature.sign();
        signature.initVerify(HostKey.read(etc));
        signature.update(message);
        assertTrue(signature.verify(signed));

        HostKey.make(etc);
        assertEquals(text, Files.readString(etc.resolve("host.key")));
    }

    @Test
    void nobodyElseReadsIt() throws Exception {
        HostKey.make(etc);
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(etc.resolve("host.key"))));
    }

    @Test
    void whatIsNoKeyIsRefused() throws Exception {
        Files.writeString(etc.resolve("host.key.pub"), "-----BEGIN PUBLIC KEY-----\nAAAAA\n");
        assertThrows(GeneralSecurityException.class, () -> HostKey.read(etc));
    }
}
