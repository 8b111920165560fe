// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mien.api.data.Targets;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Runs that were made, as a service: each is a folder. Every call throws {@link MienException} for
 * what a user can put right.
 */
@ProviderType
public interface Runs {
    /**
     * A run.
     *
     * @param id its id, the name of its folder
     * @param pipeline its pipeline
     * @param state QUEUED, RUNNING, WAITING (a plugin is away), PAUSED (a plugin does not fit),
     *     DONE, FAILED or CANCELLED
     * @param started when, ISO 8601
     * @param seconds how long it took
     * @param epochs epochs done
     * @param bestEpoch the epoch chosen on the validation split, from 1; 0 when none
     * @param chosenBy the metric it was chosen by, as the key {@code select} has it; empty before
     *     the run began
     * @param chosenValue its value there; NaN when there is none
     * @param evaluations split to metric to value, of its own evaluations: with its own keys
     * @param folder where it lies
     * @param text why it failed, or empty
     * @param shares names of the numbers of its training that are shares, 0 to 1, {@code
     *     validation.accuracy} for example
     * @param evaluationShares split to the names of the metrics of its evaluation that are shares
     */
    record Run(
            String id,
            String pipeline,
            String state,
            String started,
            double seconds,
            int epochs,
            int bestEpoch,
            String chosenBy,
            double chosenValue,
            Map<String, Map<String, Double>> evaluations,
            Path folder,
            String text,
            Set<String> shares,
            Map<String, Set<String>> evaluationShares) {
        /**
         * Whether the metric that its epoch was chosen by is a share.
         *
         * @return true for 0 to 1
         */
        public boolean chosenByShare() {
            return shares.contains("validation." + chosenBy);
        }
    }

    /**
     * All it takes to do a run again.
     *
     * @param run the run
     * @param values every key with its origin
     * @param targets what was learnt; nothing for a run without labels
     * @param splits samples of each split
     * @param validation where the validation split came from
     * @param plugins who took part, as kind, id and version; who took over later with the step
     * @param starts what files of weights and earlier runs gave, a line for each
     * @param gallery files in its folder that show what the method drew, in the order of the epochs
     * @param engine engine, device and threads
     * @param java version of Java
     * @param epoch how long an epoch is, in samples and steps; empty before the data were looked at
     */
    record Details(
            Run run,
            Map<String, Value> values,
            Targets targets,
            Map<String, Integer> splits,
            String validation,
            List<String> plugins,
            List<String> starts,
            List<String> gallery,
            String engine,
            String java,
            String epoch) {}

    /**
     * What a run is exported as: {@code ZIP} has configuration, metrics, evaluations and the chosen
     * checkpoint; the others have the weights of the chosen checkpoint, under the names that
     * published files have where the backbone knows them.
     */
    enum Format {
        /** All that others need. */
        ZIP,
        /** Weights as safetensors. */
        SAFETENSORS,
        /** Weights as NumPy arrays. */
        NPZ
    }

    /**
     * Every run, oldest first.
     *
     * @return the runs
     */
    List<Run> all();

    /**
     * A run with all it takes to do it again.
     *
     * @param run its id
     * @return the details
     */
    Details details(String run);

    /**
     * Writes {@code report.html} into a run's folder: one file, for people, made from what lies in
     * the folder and from nothing else.
     *
     * @param run its id
     * @return the file
     */
    Path report(String run);

    /**
     * Writes a run to be handed on.
     *
     * @param run its id
     * @param format as what
     * @param file the file to write; it must not exist
     */
    void export(String run, Format format, Path file);

    /**
     * Deletes a run's folder.
     *
     * @param run its id
     * @throws MienException when it has an alias
     */
    void delete(String run);

    /**
     * Deletes a run's folder.
     *
     * @param run its id
     * @param force whether its aliases go with it; otherwise a run that has one stays
     */
    void delete(String run, boolean force);

    /**
     * Other names of runs. Wherever the id of a run is asked for, one of them is taken.
     *
     * @return alias to id of the run, by name
     */
    Map<String, String> aliases();

    /**
     * Gives a run another name, which may have been that of another run until now.
     *
     * @param name the alias
     * @param run id of the run, or an alias of it
     * @return id of the run
     */
    String alias(String name, String run);

    /**
     * Takes an alias back; its run stays.
     *
     * @param name the alias
     */
    void removeAlias(String name);

    /**
     * The id of a run.
     *
     * @param name its id, or an alias
     * @return its id
     */
    String id(String name);

    /**
     * Takes over a run that was exported as {@link Format#ZIP}, here or elsewhere.
     *
     * @param zip the file
     * @param as its id here, which must be free; empty for the one it had
     * @return the run
     */
    Run add(Path zip, String as);
}
