// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core;

import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The plugins that are installed, as a service, and what can be said of one without training it.
 * Every call throws {@link MienException} for what a user can put right.
 */
@ProviderType
public interface Plugins {
    /**
     * One key that a user may set.
     *
     * @param name full name in a pipeline, for example {@code backbone.size}
     * @param type for people: {@code integer}, {@code number}, {@code true or false}, ..
     * @param value the default, or null when the user must give one
     * @param bounds for people, may be empty
     * @param doc one sentence
     */
    record Key(String name, String type, String value, String bounds, String doc) {}

    /**
     * A plugin that is installed.
     *
     * @param kind backbone, method, dataset, preprocessor or evaluator
     * @param id its id
     * @param bundle symbolic name of its bundle
     * @param version version of its bundle
     * @param problem why it cannot be used, or empty
     * @param keys its keys
     */
    record Plugin(
            String kind,
            String id,
            String bundle,
            String version,
            String problem,
            List<Key> keys) {}

    /**
     * A method on a backbone, built without memory.
     *
     * @param method id
     * @param backbone id, or empty
     * @param kinds kinds of feature it needs
     * @param features what the backbone gives it, in words
     * @param views views it reads
     * @param input size of its input, for example {@code 3 x 64 x 64}
     * @param inference part to parameters, of what predicts
     * @param training part to parameters, of what exists in training only
     * @param pieces part, of both, to the parts that it is made of, to parameters; one that is not
     *     made of several is left out
     * @param unread parameters of the backbone's stages that the method does not read, which are
     *     not made; papers may count them
     * @param still parameters of the backbone that the key freeze holds still, counted among those
     *     of what predicts
     * @param fixed elements of arrays that never move, such as sin-cos positions, of what predicts;
     *     they are no parameters, and papers may count them
     * @param trainingFixed the same of what exists in training only
     * @param phases its phases, each with when it runs if that is not at every step
     * @param keys its keys
     */
    record MethodInfo(
            String method,
            String backbone,
            List<String> kinds,
            List<String> features,
            List<String> views,
            String input,
            Map<String, Long> inference,
            Map<String, Long> training,
            Map<String, Map<String, Long>> pieces,
            long unread,
            long still,
            long fixed,
            long trainingFixed,
            List<String> phases,
            List<Key> keys) {}

    /**
     * A stage of a backbone.
     *
     * @param name its name
     * @param gives what it gives, in words
     * @param parameters elements of its weights
     * @param fixed elements of its arrays that never move, such as sin-cos positions
     * @param multiplyAdds of one image: convolutions, linear layers and both products of attention
     * @param forwardBytes of the arrays that it makes of one image in a forward
     * @param trainingBytes of the arrays that a training step keeps of it for each image
     */
    record BackboneStage(
            String name,
            String gives,
            long parameters,
            long fixed,
            long multiplyAdds,
            long forwardBytes,
            long trainingBytes) {}

    /**
     * A backbone at an input size. Costs were found by running every stage on one image.
     *
     * @param backbone id
     * @param input size of its input, for example {@code 3 x 64 x 64}
     * @param mean of red, green and blue, in units of 0 to 1
     * @param deviation of red, green and blue, in units of 0 to 1
     * @param stages in order
     * @param weightBytes of all its arrays
     * @param forwardBytes that a forward needs for its weights: themselves, and what inference on a
     *     CPU makes of them; to it come those of the stages for each image
     * @param trainingBytes that a training step needs for its weights: themselves, their gradients
     *     and both moments of AdamW; to it come those of the stages for each image
     * @param keys its keys
     */
    record BackboneInfo(
            String backbone,
            String input,
            List<Float> mean,
            List<Float> deviation,
            List<BackboneStage> stages,
            long weightBytes,
            long forwardBytes,
            long trainingBytes,
            List<Key> keys) {}

    /**
     * Every plugin, by kind and id.
     *
     * @return the plugins
     */
    List<Plugin> all();

    /**
     * Whether a pipeline or run asks for any of some plugins: it names one with a key, or its
     * method wants one as a frozen backbone, which no key says.
     *
     * @param values keys of the pipeline or run, as far as it has them
     * @param some plugins, of {@link #all}
     * @return true if it would wait or stop without them; false of its method's frozen backbones
     *     while the method is not there or its keys are wrong
     */
    boolean asked(Map<String, Value> values, List<Plugin> some);

    /**
     * Keys of the platform itself.
     *
     * @return {@code train.*} and the others
     */
    List<Key> platformKeys();

    /**
     * Builds a method without memory.
     *
     * @param method its id
     * @param keys {@code backbone=ID}, {@code labels=N} (7 when not given), {@code backbone.*},
     *     {@code method.*}
     * @return what it needs and how large it is
     */
    MethodInfo method(String method, Map<String, String> keys);

    /**
     * Shows what a backbone costs.
     *
     * @param backbone id
     * @param keys keys of the backbone, with or without {@code backbone.}
     * @return what it is
     */
    BackboneInfo backbone(String backbone, Map<String, String> keys);
}
