// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which tensors of a file are which arrays of a network. What the names of a file begin with
 * ({@code module.}, {@code backbone.}) is found by trying, in each of its networks: the beginning
 * under which most names are there, with the shapes that are needed. Where names are others, the
 * order and the shapes say which is which, if they do so without a doubt.
 *
 * @param network that of the file which has them
 * @param prefix what every name begins with; may be empty
 * @param found path of an array to the name of its tensor
 * @param inOrder whether order and shapes said so, and not the names
 * @param rivals places in the file that fit as well and were not taken
 * @param certain whether it is known which of those is meant
 */
public record Match(
        Network network,
        String prefix,
        Map<String, String> found,
        boolean inOrder,
        List<String> rivals,
        boolean certain) {
    /** Arrays whose names give the beginning; one is enough, and the others are for odd files. */
    private static final int TRIED = 400;

    /** Share of the arrays that order and shapes must find. */
    private static final double MOST = 0.8;

    /** Or, of a file with a part of the network, share of its tensors, and so many. */
    private static final double PART = 0.6;

    private static final int FEWEST_OF_PART = 10;

    /** One way to match. */
    private record Way(
            Network network,
            String prefix,
            Map<String, String> found,
            int fitting,
            boolean inOrder) {
        String place() {
            return network.place(prefix);
        }
    }

    /**
     * The best match.
     *
     * @param file the file; of a choice what lies under it
     * @param layouts each a path to the name that its tensor would have, in the network's order
     * @param shapes path to shape of what must be found
     * @return the match, perhaps of nothing
     */
    public static Match of(
            WeightsFile file, List<Map<String, String>> layouts, Map<String, long[]> shapes) {
        List<Network> networks = new ArrayList<>(file.networks());
        if (networks.stream().anyMatch(network -> !Preference.isOptimizer(network))) {
            networks.removeIf(Preference::isOptimizer);
        }
        List<Way> ways = new ArrayList<>();
        for (Network network : networks) {
            ways.addAll(byNames(network, layouts, shapes));
        }
        int fitting = ways.stream().mapToInt(Way::fitting).max().orElse(0);
        if (fitting < MOST * shapes.size()) {
            List<Way> inOrder = new ArrayList<>();
            for (Network network : networks) {
                InOrder.of(names(network), network, layouts, shapes)
                        .filter(
                                found ->
                                        found.size() >= MOST * shapes.size()
                                                || found.size() >= FEWEST_OF_PART
                                                        && found.size()
                                                                >= PART * names(network).size())
                        .ifPresent(
                                found ->
                                        inOrder.add(
                                                new Way(
                                                        network,
                                                        common(found.values()),
                                                        found,
                                                        found.size(),
                                                        true)));
            }
            if (inOrder.stream().anyMatch(way -> 2 * way.fitting() > 3 * fitting)) {
                ways = inOrder;
            }
        }
        return best(ways, file);
    }

    private static Match best(List<Way> ways, WeightsFile file) {
        Comparator<Way> better =
                Comparator.<Way>comparingInt(way -> way.found().size())
                        .thenComparingInt(Way::fitting);
        Optional<Way> first =
                ways.stream().reduce((one, two) -> better.compare(two, one) > 0 ? two : one);
        if (first.isEmpty()) {
            Network network = file.networks().get(0);
            return new Match(network, "", Map.of(), false, List.of(), true);
        }
        // Of ways in which no shape fits, none is a network that anybody could mean.
        List<Way> equal =
                first.get().fitting() == 0
                        ? List.of(first.get())
                        : ways.stream()
                                .filter(way -> better.compare(way, first.get()) == 0)
                                .toList();
        List<String> places = new ArrayList<>(equal.stream().map(Way::place).toList());
        Optional<Integer> known = Preference.among(places);
        int taken = known.orElse(0);
        Way way = equal.get(taken);
        places.remove(taken);
        return new Match(
                way.network(),
                way.prefix(),
                way.found(),
                way.inOrder(),
                List.copyOf(places),
                known.isPresent());
    }

    /** Names of a network without the counters of batches that PyTorch keeps. */
    private static Set<String> names(Network network) {
        Set<String> names = new LinkedHashSet<>(network.tensors().keySet());
        names.removeIf(name -> name.endsWith("num_batches_tracked"));
        return names;
    }

    /** For each beginning the layout that finds most. */
    private static Collection<Way> byNames(
            Network network, List<Map<String, String>> layouts, Map<String, long[]> shapes) {
        Set<String> names = names(network);
        Map<String, Way> ways = new LinkedHashMap<>();
        for (Map<String, String> layout : layouts) {
            for (String prefix : prefixes(names, layout.values())) {
                Map<String, String> found = new LinkedHashMap<>();
                int fitting = 0;
                for (Map.Entry<String, String> one : layout.entrySet()) {
                    String name = prefix + one.getValue();
                    if (names.contains(name)) {
                        found.put(one.getKey(), name);
                        long[] wanted = shapes.get(one.getKey());
                        fitting +=
                                Arrays.equals(wanted, network.tensors().get(name).shape()) ? 1 : 0;
                    }
                }
                Way before = ways.get(prefix);
                if (!found.isEmpty() && (before == null || found.size() > before.found().size())) {
                    ways.put(prefix, new Way(network, prefix, found, fitting, false));
                }
            }
        }
        return ways.values();
    }

    /** Beginnings that at least one wanted name has in the file, the usual ones first. */
    private static Set<String> prefixes(Set<String> names, Collection<String> wanted) {
        Map<String, Integer> votes = new HashMap<>();
        wanted.stream()
                .limit(TRIED)
                .forEach(
                        name -> {
                            for (String other : names) {
                                if (other.endsWith("." + name) && !isState(other)) {
                                    votes.merge(
                                            other.substring(0, other.length() - name.length()),
                                            1,
                                            Integer::sum);
                                }
                            }
                        });
        Set<String> prefixes = new LinkedHashSet<>();
        prefixes.add("");
        votes.entrySet().stream()
                .sorted(
                        Map.Entry.<String, Integer>comparingByValue()
                                .reversed()
                                .thenComparing(Map.Entry.comparingByKey()))
                .limit(8)
                .forEach(vote -> prefixes.add(vote.getKey()));
        return prefixes;
    }

    /** Whether a checkpoint of ours has it beside the weights: what an optimiser remembers. */
    private static boolean isState(String name) {
        return name.contains("/") && !name.startsWith("average/");
    }

    /** What all names begin with, up to a dot. */
    private static String common(Collection<String> names) {
        String common = names.iterator().next();
        for (String name : names) {
            int same = 0;
            while (same < Math.min(common.length(), name.length())
                    && common.charAt(same) == name.charAt(same)) {
                same++;
            }
            common = common.substring(0, same);
        }
        return common.substring(0, common.lastIndexOf('.') + 1);
    }

    /**
     * What was taken, and what could have been.
     *
     * @param place the file
     * @return a sentence for each thing to know; often none
     */
    public List<String> notes(Place place) {
        List<String> notes = new ArrayList<>();
        if (inOrder) {
            Map.Entry<String, String> one = found.entrySet().iterator().next();
            notes.add(
                    "its names are others: matched by their order and shapes, for example "
                            + Shown.shorten(one.getValue())
                            + " for "
                            + one.getKey());
        }
        if (!rivals.isEmpty()) {
            String taken = network.place(prefix);
            notes.add(
                    (taken.isEmpty() ? "what lies at the top" : taken)
                            + " was taken; "
                            + String.join(", ", rivals)
                            + (rivals.size() == 1 ? " fits" : " fit")
                            + " as well ("
                            + place.path()
                            + "#"
                            + rivals.get(0)
                            + " takes it)");
        }
        return notes;
    }

    /**
     * Refuses a file in which several networks fit and nobody says which.
     *
     * @param place the file
     * @throws BadWeights with the choices
     */
    public void requireOne(Place place) throws BadWeights {
        if (certain) {
            return;
        }
        List<String> all = new ArrayList<>(rivals);
        all.add(0, network.place(prefix));
        throw new BadWeights(
                place
                        + " holds "
                        + all.size()
                        + " networks that fit equally: "
                        + String.join(", ", all.stream().map(Shown::shorten).toList())
                        + ". Say which, for example "
                        + place.path()
                        + "#"
                        + all.get(all.size() - 1));
    }
}
