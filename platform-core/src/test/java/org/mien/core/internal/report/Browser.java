// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.report;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.mien.core.internal.io.Json;

/** Chromium without a window, driven by its DevTools protocol: it tells of errors and requests. */
final class Browser implements AutoCloseable {
    private static final List<String> NAMES =
            List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");

    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger number = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonObject>> answers = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<JsonObject>> awaited = new ConcurrentHashMap<>();

    /** Events since the page was opened, as {@code method params}. */
    private final List<String> events = Collections.synchronizedList(new ArrayList<>());

    private String session;

    /** The program, where one is on the path. */
    static Optional<Path> program() {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    Browser(Path program, Path profile) throws Exception {
        process =
                new ProcessBuilder(
                                program.toString(),
                                "--headless=new",
                                "--no-sandbox", // root, as in a container, may not have one
                                "--disable-gpu",
                                "--disable-dev-shm-usage",
                                "--disable-background-networking",
                                "--no-first-run",
                                "--remote-debugging-port=0",
                                "--user-data-dir=" + profile,
                                "about:blank")
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        CompletableFuture<String> address = new CompletableFuture<>();
        Thread reader = new Thread(() -> read(address), "chromium-messages");
        reader.setDaemon(true);
        reader.start();
        try {
            socket =
                    HttpClient.newHttpClient()
                            .newWebSocketBuilder()
                            .buildAsync(
                                    URI.create(address.get(60, TimeUnit.SECONDS)), new Listener())
                            .get(20, TimeUnit.SECONDS);
            JsonObject target = call("Target.createTarget", "url", "about:blank");
            JsonObject attached =
                    call(
                            "Target.attachToTarget",
                            "targetId",
                            target.get("targetId").getAsString(),
                            "flatten",
                            true);
            session = attached.get("sessionId").getAsString();
        } catch (Exception e) {
            end();
            throw e;
        }
        for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
            call(domain + ".enable");
        }
    }

    /** Its messages have the address; they are read to the end, or it would stand still. */
    private void read(CompletableFuture<String> address) {
        String start = "DevTools listening on ";
        try (BufferedReader lines = process.errorReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(start)) {
                    address.complete(line.substring(start.length()));
                }
            }
            address.completeExceptionally(new IOException("chromium ended"));
        } catch (IOException e) {
            address.completeExceptionally(e);
        }
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder message = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            message.append(part);
            if (last) {
                take(JsonParser.parseString(message.toString()).getAsJsonObject());
                message.setLength(0);
            }
            from.request(1);
            return null;
        }
    }

    private void take(JsonObject message) {
        if (message.has("id")) {
            CompletableFuture<JsonObject> answer = answers.remove(message.get("id").getAsInt());
            if (message.has("error")) {
                answer.completeExceptionally(new IOException(message.get("error").toString()));
            } else {
                answer.complete(message.getAsJsonObject("result"));
            }
            return;
        }
        String method = message.get("method").getAsString();
        events.add(method + " " + message.get("params"));
        CompletableFuture<JsonObject> waits = awaited.get(method);
        if (waits != null) {
            waits.complete(message.getAsJsonObject("params"));
        }
    }

    /** Calls a method with named values, and waits for its answer. */
    JsonObject call(String method, Object... namesAndValues) throws Exception {
        JsonObject params = new JsonObject();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            Object value = namesAndValues[i + 1];
            params.add(
                    (String) namesAndValues[i],
                    value instanceof JsonElement json ? json : Json.tree(value));
        }
        JsonObject message = new JsonObject();
        message.addProperty("id", number.incrementAndGet());
        message.addProperty("method", method);
        message.add("params", params);
        if (session != null) {
            message.addProperty("sessionId", session);
        }
        CompletableFuture<JsonObject> answer = new CompletableFuture<>();
        answers.put(message.get("id").getAsInt(), answer);
        socket.sendText(message.toString(), true).get(20, TimeUnit.SECONDS);
        return answer.get(60, TimeUnit.SECONDS);
    }

    /** Opens a file in a window of this width, in light or dark, and waits until it is there. */
    void open(Path file, int width, boolean dark) throws Exception {
        call(
                "Emulation.setDeviceMetricsOverride",
                "width",
                width,
                "height",
                900,
                "deviceScaleFactor",
                1,
                "mobile",
                width < 600);
        call(
                "Emulation.setEmulatedMedia",
                "features",
                JsonParser.parseString(
                        "[{\"name\":\"prefers-color-scheme\",\"value\":\""
                                + (dark ? "dark" : "light")
                                + "\"}]"));
        CompletableFuture<JsonObject> loaded = new CompletableFuture<>();
        awaited.put("Page.loadEventFired", loaded);
        events.clear();
        call("Page.navigate", "url", file.toUri().toString());
        loaded.get(60, TimeUnit.SECONDS);
    }

    /** Value of an expression in the page. */
    JsonElement value(String expression) throws Exception {
        JsonObject answer =
                call("Runtime.evaluate", "expression", expression, "returnByValue", true);
        if (answer.has("exceptionDetails")) {
            throw new IOException(answer.get("exceptionDetails").toString());
        }
        return answer.getAsJsonObject("result").get("value");
    }

    /** Events of a kind since the page was opened. */
    List<String> events(String method) {
        return Stream.of(events.toArray(new String[0]))
                .filter(event -> event.startsWith(method + " "))
                .toList();
    }

    /** The whole page as PNG. */
    byte[] picture() throws Exception {
        JsonObject shot =
                call("Page.captureScreenshot", "format", "png", "captureBeyondViewport", true);
        return Base64.getDecoder().decode(shot.get("data").getAsString());
    }

    /** The page on paper, as PDF. */
    byte[] paper() throws Exception {
        JsonObject pdf = call("Page.printToPDF", "printBackground", false);
        return Base64.getDecoder().decode(pdf.get("data").getAsString());
    }

    @Override
    public void close() throws Exception {
        session = null;
        call("Browser.close");
        socket.abort();
        end();
    }

    /** With the processes it has started; left to itself first, as it then leaves no files. */
    private void end() throws InterruptedException {
        process.waitFor(10, TimeUnit.SECONDS);
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }
}
