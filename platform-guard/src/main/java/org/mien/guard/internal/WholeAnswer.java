// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.guard.internal;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.apache.sshd.common.future.CloseFuture;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.apache.sshd.server.session.ServerSession;

/**
 * A command of Karaf's whose answer arrives whole, however slowly it is read.
 *
 * <p>Karaf closes the connection as soon as a command has ended. What it wrote last is then still
 * on its way, and the server can no longer send its word that the channel is closed, so it does not
 * wait for the client's either: the socket closes while the client still sends that it has room for
 * more, the system answers that with a reset, and what the client had not yet read is lost. Here
 * the connection closes when the client has closed the channel, which it does behind the last byte.
 */
final class WholeAnswer extends CommandAround {
    /** A reader may stop for as long as he likes; one that is gone ends the connection. */
    private static final Duration FOREVER = Duration.ofDays(365);

    private WholeAnswer(Command command) {
        super(command);
    }

    static Command of(Command command) {
        return new WholeAnswer(command);
    }

    /** Takes from a server what would end an answer by the clock. */
    static void patient(SshServer server) {
        CoreModuleProperties.WAIT_FOR_SPACE_TIMEOUT.set(server, FOREVER);
        CoreModuleProperties.CHANNEL_CLOSE_TIMEOUT.set(server, FOREVER);
        // Of a write to the socket, where none means as long as it takes.
        CoreModuleProperties.NIO2_MIN_WRITE_TIMEOUT.set(server, Duration.ZERO);
        // The default one keeps what it was to do in so long, though that is cancelled at once.
        ScheduledThreadPoolExecutor clock =
                new ScheduledThreadPoolExecutor(
                        1,
                        work -> {
                            Thread thread = new Thread(work, "mien-ssh-clock");
                            thread.setDaemon(true);
                            return thread;
                        });
        clock.setRemoveOnCancelPolicy(true);
        server.setScheduledExecutorService(clock, true);
    }

    @Override
    public void start(ChannelSession channel, Environment environment) throws IOException {
        command.start(new Channel(channel), environment);
    }

    /** Of a channel what Karaf asks of it: the session, in which to close means to wait. */
    private static final class Channel extends ChannelSession {
        private final ServerSession session;

        Channel(ChannelSession channel) {
            ServerSession session = channel.getServerSession();
            this.session =
                    (ServerSession)
                            Proxy.newProxyInstance(
                                    ServerSession.class.getClassLoader(),
                                    new Class<?>[] {ServerSession.class},
                                    (proxy, method, arguments) ->
                                            method.getName().equals("close")
                                                    ? close(channel, session)
                                                    : call(session, method, arguments));
        }

        @Override
        public ServerSession getServerSession() {
            return session;
        }

        private static CloseFuture close(ChannelSession channel, ServerSession session) {
            CloseFuture closed = channel.close(false);
            closed.addListener(future -> session.close(false));
            return closed;
        }

        private static Object call(ServerSession session, Method method, Object[] arguments)
                throws Throwable {
            try {
                return method.invoke(session, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }
    }
}
