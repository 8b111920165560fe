// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.guard.internal;

import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.apache.sshd.server.command.CommandFactory;

/**
 * A line of who is no administrator: one command of the scope {@code fer} with plain or
 * single-quoted words, or help. No variable, closure, pipe, redirection, second command or Java
 * object can be written with these, and what the client wants to set in the session is dropped.
 */
final class OneCommand extends CommandAround {
    private static final int LONGEST = 64 * 1024;

    private static final String PLAIN = "[\\p{L}\\p{N}_./:,@+-][\\p{L}\\p{N}_./:,@+=-]*+";
    private static final String QUOTED = "'[^'\\p{Cntrl}]*+'";

    /** Possessive, so that no line takes long to judge. */
    private static final Pattern LINE =
            Pattern.compile("(?:fer:)?+[a-z][a-z0-9-]*+(?: ++(?:" + PLAIN + "|" + QUOTED + "))*+");

    private OneCommand(Command command) {
        super(command);
    }

    /** What a line leads to. */
    static Command of(ChannelSession channel, String line, CommandFactory commands, Rules rules)
            throws IOException {
        String judged = judge(line);
        if (judged == null) {
            return Reply.refusal(
                    "who is no administrator may run one command, with plain or 'quoted' words. "
                            + example(channel));
        }
        List<String> may = rules.verbs();
        if (judged.equals("help")) {
            return Reply.text(
                    "Commands for you: "
                            + String.join(", ", may)
                            + ". COMMAND --help explains one.");
        }
        String verb = judged.substring("fer:".length()).replaceFirst(" .*", "");
        if (!rules.may(verb)) {
            return Reply.refusal(
                    "'"
                            + verb
                            + "' is no command, or none for your role. Commands for you: "
                            + String.join(", ", may)
                            + ".");
        }
        return new OneCommand(commands.createCommand(channel, judged));
    }

    /** The line as Karaf is to run it, or null when it is none that may be run. */
    static String judge(String line) {
        if (line == null || line.length() > LONGEST) {
            return null;
        }
        String stripped = line.strip();
        if (!LINE.matcher(stripped).matches()) {
            return null;
        }
        boolean whole = stripped.startsWith("fer:") || stripped.equals("help");
        return whole ? stripped : "fer:" + stripped;
    }

    static String noShell(ChannelSession channel) {
        return "who is no administrator has no interactive shell. " + example(channel);
    }

    private static String example(ChannelSession channel) {
        return "For example: ssh -p PORT "
                + channel.getServerSession().getUsername()
                + "@127.0.0.1 run-list";
    }

    @Override
    public void start(ChannelSession channel, Environment environment) throws IOException {
        environment.getEnv().keySet().removeIf(OneCommand::foreign);
        command.start(channel, environment);
    }

    /** What the session knows itself stays. */
    private static boolean foreign(String variable) {
        return !variable.equals(Environment.ENV_USER)
                && !variable.equals(Environment.ENV_LINES)
                && !variable.equals(Environment.ENV_COLUMNS)
                && !variable.equals(Environment.ENV_TERM);
    }
}
