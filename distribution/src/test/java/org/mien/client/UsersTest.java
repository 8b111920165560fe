// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.List;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.digest.BuiltinDigests;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsersTest {
    @TempDir Path etc;
    private Users users;

    @BeforeEach
    void first() throws IOException {
        users = new Users(etc, "40123", etc);
        Files.writeString(etc.resolve("users.properties"), "# who\nmien = 1,_g_:admingroup\n");
        Files.writeString(etc.resolve("keys.properties"), "# keys\n");
    }

    private String run(String command, String... arguments) throws IOException, Users.Refusal {
        return users.run(command, List.of(arguments));
    }

    private void refused(String words, String command, String... arguments) {
        String message =
                assertThrows(Users.Refusal.class, () -> run(command, arguments)).getMessage();
        assertTrue(message.contains(words), message);
    }

    private static PublicKey key(String algorithm, int bits) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (algorithm.equals("EC")) {
            generator.initialize(new ECGenParameterSpec("secp" + bits + "r1"));
        } else {
            generator.initialize(bits);
        }
        return generator.generateKeyPair().getPublic();
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(etc.resolve(name), text);
    }

    @Test
    void aUserHasAPassword() throws Exception {
        String added = run("user-add", "anna");
        assertTrue(
                added.matches("(?s)user      anna\nrole      viewer\npassword  [0-9a-f]{48}\n.*"));
        assertTrue(added.endsWith("login     ssh -p 40123 anna@127.0.0.1 run-list\n"), added);
        run("user-add", "--role", "manager", "ben");
        run("user-add", "cleo", "--role=admin");
        assertEquals(
                "user                              role\n"
                        + "anna                              viewer\n"
                        + "ben                               manager\n"
                        + "cleo                              admin\n"
                        + "mien                              admin\n",
                run("user-list"));
        run("user-remove", "ben");
        List<String> left = Files.readAllLines(etc.resolve("users.properties"));
        assertEquals(4, left.size(), left.toString());
        assertEquals(List.of("# who", "mien = 1,_g_:admingroup"), left.subList(0, 2));
        assertTrue(left.get(2).matches("anna = [0-9a-f]{48},viewer,ssh"), left.get(2));
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(etc.resolve("users.properties"))));
    }

    @Test
    void orAKey() throws Exception {
        PublicKey curve = key("EC", 384);
        String line = PublicKeyEntry.toString(curve);
        file("anna.pub", "# mine\n" + line + " anna@home\n");
        String added = run("user-add", "anna", "--role=manager", "--key", "anna.pub");
        String print = KeyUtils.getFingerPrint(BuiltinDigests.sha256, curve);
        assertTrue(added.contains("key       ecdsa-sha2-nistp384 " + print + "\n"), added);
        assertTrue(!added.contains("password"), added);
        assertEquals(
                List.of("# keys", "anna = " + line.split(" ")[1] + ",manager,viewer,ssh"),
                Files.readAllLines(etc.resolve("keys.properties")));
        assertTrue(run("user-list").contains("manager  " + print), run("user-list"));
        refused("'anna' exists already", "user-add", "anna");
        file("root.pub", PublicKeyEntry.toString(key("RSA", 2048)));
        run("user-add", "root", "--role", "admin", "--key=root.pub");
        assertTrue(
                Files.readString(etc.resolve("keys.properties"))
                        .endsWith(",admin,manager,viewer,systembundles,ssh\n"));
        run("user-remove", "anna");
        assertTrue(!run("user-list").contains("anna"));
    }

    @Test
    void keysThatAreNone() throws Exception {
        String line = PublicKeyEntry.toString(key("EC", 256));
        file("private", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n");
        file(
                "ed",
                "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        file("two", line + "\n" + line + "\n");
        file("cut", line.substring(0, 80));
        file("other", line.replace("ecdsa-sha2-nistp256 ", "ssh-rsa "));
        file("small", PublicKeyEntry.toString(key("RSA", 1024)));
        file("options", "from=\"10.0.0.1\" " + line);
        file("long", "x".repeat(20_000));
        file("word", "ssh-rsa");
        refused("private key, which is nobody's", "user-add", "anna", "--key=private");
        refused("type 'ssh-ed25519'; expected ssh-rsa or ecdsa", "user-add", "anna", "--key=ed");
        refused("has 2 lines", "user-add", "anna", "--key=two");
        for (String name : List.of("cut", "other", "word")) {
            refused("no public key of OpenSSH", "user-add", "anna", "--key=" + name);
        }
        refused("has 1024 bits", "user-add", "anna", "--key=small");
        refused("is of the type 'from=", "user-add", "anna", "--key=options");
        refused("too long", "user-add", "anna", "--key=long");
        refused("cannot be read", "user-add", "anna", "--key=none");
        assertEquals("# keys\n", Files.readString(etc.resolve("keys.properties")));
    }

    @Test
    void whatIsRefused() throws Exception {
        refused("'root' is unknown; expected viewer", "user-add", "eve", "--role", "root");
        refused("--role needs a value", "user-add", "eve", "--role");
        refused("option '--rol' is unknown", "user-add", "eve", "--rol");
        refused("needs a name: ./mien user-add NAME", "user-add");
        refused("one name; got 'a' and 'b'", "user-add", "a", "b");
        refused("user 'Eve': expected", "user-add", "Eve");
        refused("user 'a=b': expected", "user-add", "a=b");
        refused("'mien' is the launcher's own", "user-add", "mien");
        refused("'mien' is the launcher's own", "user-remove", "mien");
        refused("'eve' does not exist", "user-remove", "eve");
        Files.delete(etc.resolve("users.properties"));
        refused("before the first start", "user-list");
    }
}
