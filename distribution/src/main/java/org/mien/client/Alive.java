// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.client;

import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/** Whether the platform answers in time, and what it says that it does. */
final class Alive {
    private Alive() {}

    /** Asks, and prints the answer; gives the status. */
    static int run(Client client, int seconds) {
        long begin = System.nanoTime();
        FutureTask<String> asked =
                new FutureTask<>(
                        () ->
                                client.ask(
                                        "service:wait -e -t 3000 "
                                                + Client.PLATFORM
                                                + "; fer:job-list --json"));
        Thread thread = new Thread(asked, "mien-alive");
        thread.setDaemon(true);
        thread.start();
        String answer = "";
        try {
            answer = asked.get(seconds, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            System.out.println("none within " + seconds + " s");
            return 1;
        } catch (InterruptedException e) {
            return 1;
        }
        if (answer.isEmpty()) {
            System.out.println(
                    client.listens()
                            ? "none from the platform, though its shell listens"
                            : "none: nothing listens on port " + client.port());
            return 1;
        }
        System.out.printf(
                Locale.ROOT,
                "ready, in %.1f s; trainings: %d under way, %d queued, %d waiting%n",
                (System.nanoTime() - begin) / 1e9,
                count(answer, "RUNNING"),
                count(answer, "QUEUED"),
                count(answer, "WAITING") + count(answer, "PAUSED"));
        return 0;
    }

    private static long count(String jobs, String state) {
        return Pattern.compile("\"state\": ?\"" + state + "\"").matcher(jobs).results().count();
    }
}
