// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.security.auth.Subject;
import org.apache.felix.gogo.runtime.threadio.ThreadIOImpl;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.api.console.Terminal;
import org.apache.karaf.shell.impl.action.command.ManagerImpl;
import org.apache.karaf.shell.impl.console.CommandsCompleter;
import org.apache.karaf.shell.impl.console.RegistryImpl;
import org.apache.karaf.shell.impl.console.SessionFactoryImpl;
import org.apache.karaf.shell.impl.console.parsing.KarafParser;
import org.apache.karaf.shell.support.ShellUtil;
import org.jline.reader.Candidate;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser.ParseContext;
import org.mien.core.Doctor;

/** Karaf's own shell around a fake platform: parser, injection, streams and completion are real. */
final class Shell implements AutoCloseable {
    /** What a line led to. */
    record Outcome(String out, String messages, String failure) {}

    /** For all tests: a thread that ends after its test would bring its own back. */
    private static final ThreadIOImpl IO = new ThreadIOImpl();

    static {
        IO.start();
    }

    private static final String MARK = "M0123456789abcdef";

    final FakePlatform mien = new FakePlatform();

    /** What the doctor finds. */
    List<Doctor.Check> checks = List.of();

    /** Who types. */
    String role = "manager";

    /** Width of the terminal; 0 for none. */
    int columns;

    /** Takes what the shell sends; what it throws looks like a lost connection. */
    OutputStream wire = new ByteArrayOutputStream();

    /** What is piped to a command. */
    byte[] piped = new byte[0];

    /** Gogo knows its sessions by weak references, and stumbles over one that is gone. */
    private final List<Session> sessions = new ArrayList<>();

    private final SessionFactoryImpl factory;

    Shell() {
        factory = new SessionFactoryImpl(IO);
        RegistryImpl services = new RegistryImpl(factory);
        mien.services().forEach(services::register);
        services.register((Doctor) tell -> checks.forEach(tell));
        ManagerImpl manager = new ManagerImpl(services, factory);
        for (Class<?> type :
                List.of(
                        PluginAdd.class,
                        PluginList.class,
                        PluginRemove.class,
                        PipelineList.class,
                        PipelineShow.class,
                        PipelineNew.class,
                        PipelineDelete.class,
                        Train.class,
                        RecipeList.class,
                        RecipeShow.class,
                        RecipeNames.class,
                        TrainNames.class,
                        Sweep.class,
                        SweepList.class,
                        SweepShow.class,
                        SweepCancel.class,
                        SweepNames.class,
                        SweepStarts.class,
                        SweepKeys.class,
                        Evaluate.class,
                        Predict.class,
                        Generate.class,
                        RunList.class,
                        Interrupt.class,
                        CommandList.class,
                        JobList.class,
                        JobWatch.class,
                        JobCancel.class,
                        JobIds.class,
                        RunShow.class,
                        Export.class,
                        WeightsShow.class,
                        Report.class,
                        Compare.class,
                        RunDelete.class,
                        RunImport.class,
                        Alias.class,
                        AliasList.class,
                        AliasRemove.class,
                        DatasetCheck.class,
                        DoctorRound.class,
                        MethodInfo.class,
                        BackboneInfo.class,
                        WriteFeatures.class,
                        PluginIds.class,
                        MethodIds.class,
                        PipelineNames.class,
                        RunIds.class,
                        CompareNames.class,
                        TrainKeys.class,
                        EvaluateKeys.class,
                        MethodKeys.class,
                        BackboneIds.class,
                        BackboneKeys.class,
                        ImageFiles.class)) {
            manager.register(type);
        }
    }

    @Override
    public void close() {
        factory.stop();
    }

    /** As Karaf's, which commands know by its name. */
    private record RolePrincipal(String name) implements Principal {
        @Override
        public String getName() {
            return name;
        }
    }

    private Subject subject() {
        return new Subject(true, Set.of(new RolePrincipal(role)), Set.of(), Set.of());
    }

    Session session() {
        PrintStream to = new PrintStream(wire, false, StandardCharsets.UTF_8);
        Session session = factory.create(new ByteArrayInputStream(piped), to, to, parent());
        session.put(Subject.class.getName(), subject());
        sessions.add(session);
        return session;
    }

    /** A session is as wide as its parent. */
    private Session parent() {
        Terminal terminal =
                (Terminal)
                        Proxy.newProxyInstance(
                                Shell.class.getClassLoader(),
                                new Class<?>[] {Terminal.class},
                                (proxy, method, args) ->
                                        switch (method.getName()) {
                                            case "getType" -> columns > 0 ? "xterm" : "dumb";
                                            case "getWidth" -> columns;
                                            default ->
                                                    throw new UnsupportedOperationException(
                                                            method.getName());
                                        });
        return (Session)
                Proxy.newProxyInstance(
                        Shell.class.getClassLoader(),
                        new Class<?>[] {Session.class},
                        (proxy, method, args) ->
                                switch (method.getName()) {
                                    case "getTerminal" -> terminal;
                                    case "get" -> args[0].equals(Session.SCOPE) ? "shell:*" : null;
                                    default ->
                                            throw new UnsupportedOperationException(
                                                    method.getName());
                                });
    }

    private String sent() {
        return ((ByteArrayOutputStream) wire).toString(StandardCharsets.UTF_8);
    }

    /** A line typed in the shell: all that a person sees, and how it ended. */
    Outcome type(String line) {
        wire = new ByteArrayOutputStream();
        Session session = session();
        String failure = null;
        try {
            session.execute(line);
        } catch (Exception e) {
            failure = e.getMessage();
            ShellUtil.logException(session, e);
        }
        return new Outcome(sent(), "", failure);
    }

    /** A command as the launcher sends it, with its answer taken apart as the launcher does. */
    Outcome launch(Map<String, String> variables, String verb, String... arguments) {
        wire = new ByteArrayOutputStream();
        String failure = send(variables, verb, arguments);
        StringBuilder out = new StringBuilder();
        StringBuilder messages = new StringBuilder();
        StringBuilder to = out;
        String rest = sent();
        Matcher marks = Pattern.compile(MARK + "([<>!])").matcher(rest);
        StringBuilder why = new StringBuilder();
        int from = 0;
        while (marks.find()) {
            to.append(rest, from, marks.start());
            from = marks.end();
            to =
                    switch (marks.group(1)) {
                        case "<" -> messages;
                        case ">" -> out;
                        default -> why;
                    };
        }
        to.append(rest.substring(from));
        return new Outcome(
                out.toString(), messages.toString(), failure == null ? null : why.toString());
    }

    /**
     * Sends a command as the launcher does; the message of its failure, or null. The launcher's
     * guard is a try of the shell, which Karaf's secured sessions have and those here have not.
     */
    String send(Map<String, String> variables, String verb, String... arguments) {
        Session session = session();
        Map<String, String> all = new LinkedHashMap<>(variables);
        all.put("MIEN_MARK", MARK);
        StringBuilder line = new StringBuilder("fer:" + verb);
        for (int i = 0; i < arguments.length; i++) {
            all.put("MIEN_ARGUMENT_" + i, arguments[i]);
            line.append(" $MIEN_ARGUMENT_").append(i);
        }
        all.forEach(session::put);
        try {
            session.execute(line);
            return null;
        } catch (Exception e) {
            session.getConsole().print(MARK + "!");
            ShellUtil.logException(session, e);
            return e.getMessage();
        }
    }

    /** What a tab at the end of a line offers. */
    List<String> complete(String line) {
        wire = new ByteArrayOutputStream();
        Session session = session();
        ParsedLine parsed =
                new KarafParser(session).parse(line, line.length(), ParseContext.COMPLETE);
        List<Candidate> candidates = new ArrayList<>();
        session.put(Session.COMPLETION_MODE, Session.COMPLETION_MODE_GLOBAL);
        new CommandsCompleter(factory, session).complete(null, parsed, candidates);
        String word = parsed.word().substring(0, parsed.wordCursor());
        return candidates.stream().map(Candidate::value).filter(v -> v.startsWith(word)).toList();
    }
}
