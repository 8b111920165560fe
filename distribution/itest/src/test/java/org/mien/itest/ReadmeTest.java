// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Every command of README.md, in its order and as it stands there, on a new work folder. Only the
 * pipeline {@code demo} is a small one here, so that its trainings take a second.
 */
class ReadmeTest {
    private static final Path FOLDER = Path.of("target", "the reader's").toAbsolutePath();

    /** What a command begins with that is not run here, and why. */
    private static final Map<String, String> LEFT_OUT = new LinkedHashMap<>();

    static {
        LEFT_OUT.put("./mien test", "it is what runs here");
        LEFT_OUT.put("./mien train demo backbone.weights=/weights/", "needs weights of the reader");
        LEFT_OUT.put("./mien weights-show ", "needs weights of the reader");
        LEFT_OUT.put("./mien train fdrl-schematic", "minutes; LauncherTest trains it in small");
        LEFT_OUT.put("./mien sweep fdrl-table-2 ", "hours; its recipe is the one above");
        LEFT_OUT.put("./mien train linear-fer2013 ", "needs data of the reader");
        LEFT_OUT.put("./mien plugin-add my-method-", "needs a plugin; PluginNewTest makes one");
        LEFT_OUT.put("./mien plugin-remove my-method", "needs a plugin; PluginNewTest makes one");
    }

    private static final String SMALL =
            """
            dataset = schematic
            dataset.train = 28
            dataset.validation = 14
            dataset.test = 14
            dataset.size = 32
            preprocess = crop, flip
            backbone = resnet18
            backbone.size = 32
            method = linear
            train.epochs = 2
            train.batch = 14
            evaluators = classification
            seed = 1
            """;

    private record Answer(int status, String text) {}

    private static Answer run(String line) throws IOException, InterruptedException {
        Path out = Files.createTempFile("mien", "out");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder("sh", "-c", line)
                            .directory(FOLDER.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(out.toFile());
            builder.environment().put("MIEN_WORK", FOLDER.resolve("work").toString());
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            builder.environment().put("MIEN_HEAP", "1g");
            Process process = builder.start();
            process.getOutputStream().close();
            assertTrue(process.waitFor(120, TimeUnit.SECONDS), "no answer: " + line);
            return new Answer(process.exitValue(), Files.readString(out));
        } finally {
            Files.delete(out);
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    /** The lines that begin with {@code ./mien} in the fenced blocks, without their comments. */
    private static List<String> commands(Path readme) throws IOException {
        List<String> commands = new ArrayList<>();
        Matcher fences =
                Pattern.compile("(?ms)^```[a-z]*\n(.*?)^```").matcher(Files.readString(readme));
        while (fences.find()) {
            fences.group(1)
                    .lines()
                    .filter(line -> line.startsWith("./mien "))
                    .map(line -> line.replaceFirst(" +#.*", ""))
                    .forEach(commands::add);
        }
        return commands;
    }

    @AfterEach
    void stop() throws Exception {
        run("./mien stop");
    }

    @Test
    void everyCommandOfTheReadmeWorksInItsOrder() throws Exception {
        Path launcher = Path.of(System.getProperty("mien.launcher"));
        delete(FOLDER);
        Files.createDirectories(FOLDER.resolve("work/etc"));
        Files.deleteIfExists(FOLDER.resolve("mien"));
        Files.createSymbolicLink(FOLDER.resolve("mien"), launcher);
        Files.writeString(FOLDER.resolve("work/etc/org.mien.pipeline-demo.cfg"), SMALL);
        Files.createDirectories(FOLDER.resolve("photos"));
        for (String name : List.of("face.png", "photos/one.png", "photos/two.png")) {
            BufferedImage grey = new BufferedImage(64, 64, BufferedImage.TYPE_BYTE_GRAY);
            ImageIO.write(grey, "png", FOLDER.resolve(name).toFile());
        }
        List<String> commands = commands(launcher.resolveSibling("README.md"));
        assertTrue(commands.size() > 20, commands.toString());
        List<String> unused = new ArrayList<>(LEFT_OUT.keySet());
        int ran = 0;
        for (String command : commands) {
            if (LEFT_OUT.keySet().stream().anyMatch(command::startsWith)) {
                unused.removeIf(command::startsWith);
                continue;
            }
            Answer answer = run(command);
            assertEquals(0, answer.status(), command + "\n" + answer.text());
            ran++;
        }
        assertEquals(List.of(), unused, "no longer in the README");
        assertTrue(ran > 15, "commands run: " + ran);
    }
}
