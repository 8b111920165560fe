// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.client;

import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.apache.sshd.client.ClientBuilder;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.auth.password.UserAuthPasswordFactory;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.cipher.BuiltinCiphers;
import org.apache.sshd.common.kex.BuiltinDHFactories;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.apache.sshd.common.mac.BuiltinMacs;
import org.apache.sshd.common.signature.BuiltinSignatures;
import org.apache.sshd.common.util.io.output.NoCloseOutputStream;
import org.apache.sshd.core.CoreModuleProperties;

/**
 * The launcher's side of the platform's shell: runs one command over SSH on this machine, with its
 * output on standard output, messages on standard error and its success as exit status.
 *
 * <p>Arguments travel as session variables, so nothing a user types is ever parsed as a command.
 */
public final class Client {
    private static final String USER = Users.LAUNCHER;
    private static final Duration ATTEMPT = Duration.ofSeconds(30);

    /** What a shell makes of SIGPIPE. */
    private static final int READER_GONE = 128 + 13;

    /** Another process has the work folder. */
    static final int HELD = 5;

    /** Registered by Karaf when every boot feature is installed and started. */
    private static final String BOOTED = "org.apache.karaf.features.BootFinished";

    /** The argument of a command that reads what is piped to it. */
    private static final String STANDARD_INPUT = "-";

    static final String PLATFORM = "org.mien.core.Jobs";

    /** How long a command may take to stop after Ctrl-C. */
    private static final Duration LAST_STEP = Duration.ofMinutes(2);

    private static final SecureRandom RANDOM = new SecureRandom();

    private final Path etc;
    private final int port;

    private Client(Path etc, int port) {
        this.etc = etc;
        this.port = port;
    }

    /**
     * Runs one of
     *
     * <ul>
     *   <li>{@code prepare ETC WISH LOCK ASSEMBLY}: makes the platform's key when there is none,
     *       and prints a free port of this machine, the wish when it is free, and the addresses of
     *       the assembly, of the local Maven repository and of the platform's own, a line each;
     *       status 5 when a process holds the lock
     *   <li>{@code free LOCK}: status 5 when a process holds the lock
     *   <li>{@code alive ETC PORT SECONDS}: whether the platform answers, and what it does; status
     *       1 when it does not within these seconds
     *   <li>{@code users ETC PORT COMMAND ARGUMENT...}: runs a command of {@link Users}
     *   <li>{@code ready ETC PORT PID SECONDS}: waits until the platform has started; status 1 when
     *       its process ends or the time is over, 3 when a part of it that all need is missing
     *   <li>{@code fer ETC PORT VERB ARGUMENT...}: runs {@code fer:VERB}
     *   <li>{@code line ETC PORT LINE}: runs a line of the shell
     * </ul>
     *
     * @param args as above
     * @throws IOException when a file cannot be read or written
     * @throws GeneralSecurityException when this Java lacks the key's algorithm
     */
    public static void main(String[] args) throws IOException, GeneralSecurityException {
        int status =
                switch (args[0]) {
                    case "prepare" -> Preparation.run(args);
                    case "free" -> WorkFolder.free(Path.of(args[1])) ? 0 : HELD;
                    case "users" -> users(args);
                    default -> new Client(Path.of(args[1]), Integer.parseInt(args[2])).speak(args);
                };
        System.out.flush();
        // The SSH library's threads would keep the process for a while.
        Runtime.getRuntime().halt(status);
    }

    private static int users(String... args) throws IOException {
        String folder = System.getenv("MIEN_CWD");
        Users users = new Users(Path.of(args[1]), args[2], Path.of(folder == null ? "" : folder));
        try {
            System.out.print(users.run(args[3], List.of(args).subList(4, args.length)));
            return 0;
        } catch (Users.Refusal e) {
            System.err.println("mien: " + e.getMessage());
            return 1;
        }
    }

    private int speak(String... args) throws IOException {
        return switch (args[0]) {
            case "ready" -> ready(Long.parseLong(args[3]), Integer.parseInt(args[4]));
            case "alive" -> Alive.run(this, Integer.parseInt(args[3]));
            case "fer" -> fer(args[3], Arrays.copyOfRange(args, 4, args.length));
            case "line" -> run(args[3], Map.of());
            default -> throw new IllegalArgumentException("no mode '" + args[0] + "'");
        };
    }

    int port() {
        return port;
    }

    private int fer(String verb, String[] arguments) throws IOException {
        if (!verb.matches("[a-z][a-z0-9-]*")) {
            System.err.println("There is no command '" + verb + "'; './mien help' lists them.");
            return 2;
        }
        Map<String, String> variables = new LinkedHashMap<>();
        StringBuilder line = new StringBuilder("fer:").append(verb);
        for (String argument : arguments) {
            String name = "MIEN_ARGUMENT_" + variables.size();
            variables.put(name, argument);
            line.append(" $").append(name);
        }
        return run(line.toString(), variables);
    }

    private int ready(long pid, int seconds) {
        long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        String wait = "service:wait -e -t " + seconds * 1000L + " " + BOOTED;
        // After the first start, boot features count as booted long before their bundles start.
        String level = "; service:wait -t 3000 " + PLATFORM + "; system:start-level";
        try {
            while (System.nanoTime() < end && ProcessHandle.of(pid).isPresent()) {
                if (listens() && ask(wait + level).contains(" 100")) {
                    return whole() ? 0 : 3;
                }
                Thread.sleep(50);
            }
        } catch (InterruptedException e) {
            // Somebody ends this process; the status says that the platform is not ready.
        }
        return 1;
    }

    /** Names bundles of ours that do not run; without the platform's service, nothing does. */
    private boolean whole() {
        ask("bundle:list -t 0 -s --no-format")
                .lines()
                .map(line -> line.split("\\s*\t\\s*"))
                .filter(cells -> cells.length == 5 && cells[4].startsWith("org.mien."))
                .filter(cells -> !cells[1].equals("Active"))
                .forEach(cells -> System.err.println(cells[4] + ": " + cells[1]));
        return !ask("service:wait -e -t 5000 " + PLATFORM + "; shell:echo yes").isEmpty();
    }

    boolean listens() {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Output of a line; nothing when it fails, as it does before the shell is complete. */
    String ask(String line) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            int status = call(line, Map.of(), out, new StringBuilder());
            return status == 0 ? out.toString(StandardCharsets.UTF_8) : "";
        } catch (IOException | GeneralSecurityException notYet) {
            return "";
        }
    }

    private int run(String line, Map<String, String> variables) throws IOException {
        StringBuilder message = new StringBuilder();
        int status;
        FileOutputStream out = new FileOutputStream(FileDescriptor.out);
        try {
            String mark = mark();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> interrupt(mark)));
            if (Help.asked(line, variables.values())) {
                ByteArrayOutputStream help = new ByteArrayOutputStream();
                status = call(mark, line, variables, help, message);
                out.write(Help.words(help, line, System.getenv("MIEN_TERMINAL")));
            } else {
                status = call(mark, line, variables, out, message);
            }
        } catch (IOException | GeneralSecurityException e) {
            String cause = e.getMessage() == null ? e.toString() : e.getMessage();
            System.err.println(
                    "The platform does not answer on port " + port + " of this machine: " + cause);
            return 1;
        }
        if (message.length() > 0) {
            System.err.println(message);
        }
        return status;
    }

    private int call(
            String line, Map<String, String> variables, OutputStream out, StringBuilder message)
            throws IOException, GeneralSecurityException {
        return call(mark(), line, variables, out, message);
    }

    private int call(
            String mark,
            String line,
            Map<String, String> variables,
            OutputStream out,
            StringBuilder message)
            throws IOException, GeneralSecurityException {
        PublicKey host = HostKey.read(etc);
        try (SshClient ssh = SshClient.setUpDefaultClient()) {
            // Nothing of ~/.ssh counts, and there is one choice of each algorithm.
            ssh.setHostConfigEntryResolver(HostConfigEntryResolver.EMPTY);
            ssh.setKeyIdentityProvider(KeyIdentityProvider.EMPTY_KEYS_PROVIDER);
            ssh.setUserAuthFactories(List.of(UserAuthPasswordFactory.INSTANCE));
            ssh.setServerKeyVerifier((session, address, key) -> key.equals(host));
            ssh.setCipherFactories(List.of(BuiltinCiphers.aes128ctr));
            ssh.setMacFactories(List.of(BuiltinMacs.hmacsha256));
            ssh.setSignatureFactories(List.of(BuiltinSignatures.nistp256));
            ssh.setKeyExchangeFactories(
                    List.of(ClientBuilder.DH2KEX.apply(BuiltinDHFactories.ecdhp256)));
            CoreModuleProperties.IDLE_TIMEOUT.set(ssh, Duration.ZERO);
            CoreModuleProperties.NIO2_READ_TIMEOUT.set(ssh, Duration.ZERO);
            ssh.start();
            try (ClientSession session =
                    ssh.connect(USER, "127.0.0.1", port).verify(ATTEMPT).getSession()) {
                session.addPasswordIdentity(password());
                session.auth().verify(ATTEMPT);
                return call(session, mark, line, variables, out, message);
            }
        }
    }

    private static int call(
            ClientSession session,
            String mark,
            String line,
            Map<String, String> variables,
            OutputStream out,
            StringBuilder message)
            throws IOException {
        Answer answer = new Answer(out, new FileOutputStream(FileDescriptor.err), mark);
        // On a line of its own, so that a comment at the end of the line hides no brace.
        String guarded =
                "try { " + line + "\n} { shell:echo " + mark + "!; shell:throw $exception }";
        try (ChannelExec channel = session.createExecChannel(guarded)) {
            variables.forEach(channel::setEnv);
            environment().forEach(channel::setEnv);
            channel.setEnv("MIEN_MARK", mark);
            if (variables.containsValue(STANDARD_INPUT)) {
                channel.setIn(System.in);
            }
            channel.setOut(answer);
            // Karaf sends nothing here; what it might send one day is a message too.
            channel.setErr(new NoCloseOutputStream(new FileOutputStream(FileDescriptor.err)));
            channel.open().verify(ATTEMPT);
            channel.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), 0);
            Integer status = channel.getExitStatus();
            if (status == null && answer.readerGone()) {
                return READER_GONE;
            }
            String why = status == null ? lost(answer.passed()) : answer.failure();
            if (!why.isEmpty()) {
                message.append(answer.midLine() ? "\n" : "").append(why);
            }
            return status == null ? 1 : status;
        }
    }

    private static String lost(long bytes) {
        return "The connection to the platform was lost "
                + (bytes == 0
                        ? "before an answer came"
                        : "after " + bytes + " bytes of the answer, which is not whole")
                + ". './mien status' says whether the platform still runs, and where its log is.";
    }

    /**
     * On Ctrl-C: asks the command to stop, and lets it say how it ended, which ends this process. A
     * command that cannot stop so is left at once; it notices that nobody listens.
     */
    private void interrupt(String mark) {
        try {
            OutputStream nowhere = OutputStream.nullOutputStream();
            if (call("fer:interrupt " + mark, Map.of(), nowhere, new StringBuilder()) == 0) {
                Thread.sleep(LAST_STEP.toMillis());
            }
        } catch (IOException | GeneralSecurityException | InterruptedException e) {
            // The process ends now; the platform stops what nobody listens to.
        }
    }

    /** What a command may want to know of the terminal and the folder it was called from. */
    private static Map<String, String> environment() {
        Map<String, String> values = new LinkedHashMap<>();
        for (String name : List.of("MIEN_CWD", "MIEN_COLUMNS")) {
            String value = System.getenv(name);
            if (value != null && !value.isEmpty()) {
                values.put(name, value);
            }
        }
        return values;
    }

    private static String mark() {
        byte[] bytes = new byte[16];
        RANDOM.nextBytes(bytes);
        StringBuilder mark = new StringBuilder("M");
        for (byte b : bytes) {
            mark.append(String.format(Locale.ROOT, "%02x", b));
        }
        return mark.toString();
    }

    private String password() throws IOException {
        Properties users = new Properties();
        try (var reader = Files.newBufferedReader(etc.resolve("users.properties"))) {
            users.load(reader);
        }
        String entry = users.getProperty(USER);
        if (entry == null) {
            throw new IOException("no user '" + USER + "' in " + etc.resolve("users.properties"));
        }
        String password = entry.substring(0, Math.max(0, entry.indexOf(',')));
        if (password.isEmpty() || password.startsWith("{CRYPT}")) {
            throw new IOException(
                    "the password of '"
                            + USER
                            + "' in "
                            + etc.resolve("users.properties")
                            + " is encrypted or missing; the launcher needs it as it is. Set"
                            + " encryption.enabled = false in etc/org.apache.karaf.jaas.cfg,"
                            + " remove the user's line, and ./mien stop");
        }
        return password;
    }
}
