// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.guard.internal;

import java.io.IOException;
import java.security.Principal;
import java.util.Hashtable;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.security.auth.Subject;
import org.apache.karaf.shell.ssh.KarafJaasAuthenticator;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.CommandFactory;
import org.apache.sshd.server.forward.RejectAllForwardingFilter;
import org.apache.sshd.server.shell.ShellFactory;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes what Karaf's SSH server leaves open to everyone who can log in: forwarding of ports,
 * agents and X11, subsystems such as sftp, and, for who is no administrator, the interactive shell
 * (whose line editor writes its history to any file that the variable {@code history-file} names)
 * and the language of the shell. And it sees to it that answers arrive whole.
 *
 * <p>What a command itself asks for is judged by Karaf, by the files {@code
 * etc/org.apache.karaf.command.acl.*.cfg}.
 */
@Component(
        service = {},
        immediate = true)
public final class Guard {
    private static final Logger LOG = LoggerFactory.getLogger(Guard.class);
    private static final String ADMIN = "admin";

    private final ConfigurationAdmin configurations;

    /**
     * Made by Declarative Services.
     *
     * @param configurations where the rules for commands lie
     */
    @Activate
    public Guard(@Reference ConfigurationAdmin configurations) {
        this.configurations = configurations;
    }

    /** Karaf registers the server before it starts it, and a new one when its settings change. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void bindServer(SshServer server) {
        server.setForwardingFilter(RejectAllForwardingFilter.INSTANCE);
        server.setAgentFactory(null);
        server.setSubsystemFactories(List.of());
        WholeAnswer.patient(server);
        CommandFactory commands = server.getCommandFactory();
        CommandFactory whole =
                (channel, line) -> WholeAnswer.of(commands.createCommand(channel, line));
        server.setCommandFactory(
                (channel, line) ->
                        admin(channel)
                                ? whole.createCommand(channel, line)
                                : OneCommand.of(channel, line, whole, rules(channel)));
        ShellFactory shells = server.getShellFactory();
        server.setShellFactory(
                channel ->
                        admin(channel)
                                ? WholeAnswer.of(shells.createShell(channel))
                                : Reply.refusal(OneCommand.noShell(channel)));
        LOG.debug("guards the SSH server on port {}", server.getPort());
    }

    /** A server that has gone needs no guard; one that stays keeps it. */
    void unbindServer(SshServer server) {
        LOG.debug("the SSH server on port {} has gone", server.getPort());
    }

    private static boolean admin(ChannelSession channel) {
        return roles(channel).contains(ADMIN);
    }

    private static Set<String> roles(ChannelSession channel) {
        Subject subject =
                channel.getServerSession()
                        .getAttribute(KarafJaasAuthenticator.SUBJECT_ATTRIBUTE_KEY);
        return subject == null ? Set.of() : roles(subject);
    }

    static Set<String> roles(Subject subject) {
        Set<String> roles = new TreeSet<>();
        for (Principal principal : subject.getPrincipals()) {
            if (principal.getClass().getSimpleName().equals("RolePrincipal")) {
                roles.add(principal.getName());
            }
        }
        return roles;
    }

    private Rules rules(ChannelSession channel) throws IOException {
        try {
            Configuration[] found =
                    configurations.listConfigurations("(service.pid=" + Rules.PID + ")");
            return new Rules(
                    found == null ? new Hashtable<>() : found[0].getProperties(), roles(channel));
        } catch (InvalidSyntaxException e) {
            throw new IOException(e);
        }
    }
}
