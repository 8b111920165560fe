// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.itest;

import com.google.gson.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.EnumSet;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.channel.ClientChannel;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.keyverifier.AcceptAllServerKeyVerifier;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.apache.sshd.common.util.net.SshdSocketAddress;

/**
 * Somebody who comes over SSH, as a program of its own, since the platform may listen in another
 * network namespace. Prints a line of JSON for each thing that he tries.
 */
final class Visitor {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Visitor() {}

    /**
     * Tries.
     *
     * @param args port, user, password or {@code @key FOLDER} with a pair as {@link #keys} writes
     *     it; then lines, or {@code @shell}, {@code @sftp}, {@code @to PORT} (a connection through
     *     the platform), {@code @from PORT} (a port there)
     */
    public static void main(String[] args) throws IOException {
        try (SshClient ssh = SshClient.setUpDefaultClient()) {
            ssh.setHostConfigEntryResolver(HostConfigEntryResolver.EMPTY);
            ssh.setKeyIdentityProvider(KeyIdentityProvider.EMPTY_KEYS_PROVIDER);
            ssh.setServerKeyVerifier(AcceptAllServerKeyVerifier.INSTANCE);
            ssh.start();
            for (int i = 3; i < args.length; i++) {
                JsonObject answer = new JsonObject();
                answer.addProperty("tried", args[i]);
                // Karaf ends the connection after each command.
                try (ClientSession session =
                        ssh.connect(args[1], "127.0.0.1", Integer.parseInt(args[0]))
                                .verify(PATIENCE)
                                .getSession()) {
                    if (args[2].startsWith("@key ")) {
                        session.addPublicKeyIdentity(pair(Path.of(args[2].substring(5))));
                    } else {
                        session.addPasswordIdentity(args[2]);
                    }
                    session.auth().verify(PATIENCE);
                    attempt(session, args[i], answer);
                } catch (IOException e) {
                    answer.addProperty("refused", e.toString());
                }
                System.out.println(answer);
            }
        }
        Runtime.getRuntime().halt(0);
    }

    /** A new pair of keys as files: private, public, and public as OpenSSH has it. */
    static void keys(Path folder) throws IOException {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            Files.createDirectories(folder);
            Files.write(folder.resolve("private"), pair.getPrivate().getEncoded());
            Files.write(folder.resolve("public"), pair.getPublic().getEncoded());
            Files.writeString(
                    folder.resolve("key.pub"), PublicKeyEntry.toString(pair.getPublic()) + "\n");
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static KeyPair pair(Path folder) throws IOException {
        try {
            KeyFactory factory = KeyFactory.getInstance("EC");
            return new KeyPair(
                    factory.generatePublic(
                            new X509EncodedKeySpec(Files.readAllBytes(folder.resolve("public")))),
                    factory.generatePrivate(
                            new PKCS8EncodedKeySpec(
                                    Files.readAllBytes(folder.resolve("private")))));
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static void attempt(ClientSession session, String what, JsonObject answer)
            throws IOException {
        if (what.startsWith("@to ")) {
            int port = Integer.parseInt(what.substring(4));
            session.createDirectTcpipChannel(
                            new SshdSocketAddress("127.0.0.1", 1),
                            new SshdSocketAddress("127.0.0.1", port))
                    .open()
                    .verify(PATIENCE);
        } else if (what.startsWith("@from ")) {
            session.startRemotePortForwarding(
                    new SshdSocketAddress("127.0.0.1", Integer.parseInt(what.substring(6))),
                    new SshdSocketAddress("127.0.0.1", 1));
        } else if (what.equals("@sftp")) {
            sftp(session);
        } else {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            boolean shell = what.equals("@shell");
            try (ClientChannel channel =
                    shell ? session.createShellChannel() : session.createExecChannel(what)) {
                channel.setOut(out);
                channel.setErr(err);
                channel.open().verify(PATIENCE);
                channel.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), PATIENCE);
                answer.addProperty("status", channel.getExitStatus());
            }
            answer.addProperty("out", out.toString(StandardCharsets.UTF_8));
            answer.addProperty("err", err.toString(StandardCharsets.UTF_8));
        }
    }

    /** Greets as an sftp client does; a server without sftp closes the channel instead. */
    private static void sftp(ClientSession session) throws IOException {
        byte[] greeting = {0, 0, 0, 5, 1, 0, 0, 0, 3};
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ClientChannel channel = session.createSubsystemChannel("sftp")) {
            channel.setIn(new ByteArrayInputStream(greeting));
            channel.setOut(out);
            channel.open().verify(PATIENCE);
            channel.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), PATIENCE);
        }
        if (out.size() == 0) {
            throw new IOException("the channel was closed without an answer");
        }
    }

    /** How to start this program. */
    static String classPath() {
        return System.getProperty(
                "surefire.test.class.path", System.getProperty("java.class.path"));
    }
}
