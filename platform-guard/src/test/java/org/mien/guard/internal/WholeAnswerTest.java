// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.guard.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.api.console.SessionFactory;
import org.apache.karaf.shell.ssh.ShellCommand;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.command.CommandFactory;
import org.apache.sshd.server.keyprovider.SimpleGeneratorHostKeyProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Karaf's own command, behind the guard, with clients that read as they please. */
class WholeAnswerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private SshServer server;
    private SshClient client;

    @BeforeEach
    void start() throws IOException {
        server = SshServer.setUpDefaultServer();
        server.setHost("127.0.0.1");
        server.setKeyPairProvider(new SimpleGeneratorHostKeyProvider());
        server.setPasswordAuthenticator((user, password, session) -> true);
        CommandFactory karaf = (channel, line) -> new ShellCommand(WholeAnswerTest.karaf(), line);
        server.setCommandFactory(
                (channel, line) -> WholeAnswer.of(karaf.createCommand(channel, line)));
        WholeAnswer.patient(server);
        server.start();
        client = SshClient.setUpDefaultClient();
        client.setServerKeyVerifier((session, address, key) -> true);
        client.start();
    }

    @AfterEach
    void stop() throws IOException {
        client.stop();
        server.stop(true);
    }

    /** Sessions that answer to a number with as many bytes. */
    private static SessionFactory karaf() {
        return (SessionFactory)
                Proxy.newProxyInstance(
                        WholeAnswerTest.class.getClassLoader(),
                        new Class<?>[] {SessionFactory.class},
                        (factory, create, streams) -> session((PrintStream) streams[1]));
    }

    private static Session session(PrintStream out) {
        return (Session)
                Proxy.newProxyInstance(
                        WholeAnswerTest.class.getClassLoader(),
                        new Class<?>[] {Session.class},
                        (session, method, arguments) -> {
                            if (method.getName().equals("execute")) {
                                write(out, Integer.parseInt(arguments[0].toString()));
                            }
                            return null;
                        });
    }

    private static void write(PrintStream out, int bytes) {
        byte[] line = new byte[64 * 1024];
        Arrays.fill(line, (byte) 'x');
        for (int left = bytes; left > 0; left -= line.length) {
            out.write(line, 0, Math.min(left, line.length));
        }
        out.flush();
    }

    /** Counts, and does what a reader does at some number of bytes. */
    private static final class Reader extends OutputStream {
        private final Runnable pause;
        private final long every;
        private long count;
        private long next;

        Reader(long every, Runnable pause) {
            this.every = every;
            this.pause = pause;
            this.next = every;
        }

        @Override
        public void write(int one) {
            write(new byte[1], 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            count += length;
            if (count >= next) {
                next += every;
                pause.run();
            }
        }
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void whole(int bytes, Reader reader) throws IOException {
        try (ClientSession session =
                client.connect("anna", "127.0.0.1", server.getPort())
                        .verify(PATIENCE)
                        .getSession()) {
            session.addPasswordIdentity("secret");
            session.auth().verify(PATIENCE);
            try (ChannelExec channel = session.createExecChannel(Integer.toString(bytes))) {
                channel.setOut(reader);
                channel.open().verify(PATIENCE);
                channel.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), PATIENCE);
                assertEquals(bytes, reader.count);
                assertEquals(0, channel.getExitStatus());
            }
        }
    }

    @Test
    void aSlowReaderHasAll() throws IOException {
        whole(50_000_000, new Reader(2_000_000, () -> sleep(10)));
    }

    /** Longer than any limit that the server has by itself for the end of a channel. */
    @Test
    void aReaderThatStopsForAWhileHasAll() throws IOException {
        whole(8_000_000, new Reader(5_000_000, () -> sleep(6_500)));
    }

    /** The client says from three packets on that it has room for more. */
    @Test
    void answersOfAnyLengthAreWhole() throws IOException {
        for (int i = 0; i < 50; i++) {
            whole(1 + 12_007 * i, new Reader(98_304, () -> sleep(1)));
        }
    }

    @Test
    void nothingStaysOpenBehindThem() throws Exception {
        whole(300_000, new Reader(98_304, () -> {}));
        for (int i = 0; i < 100 && !server.getActiveSessions().isEmpty(); i++) {
            Thread.sleep(20);
        }
        assertEquals(List.of(), server.getActiveSessions());
    }
}
