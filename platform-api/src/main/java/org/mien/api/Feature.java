// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api;

/**
 * What a stage of a backbone gives, without the batch axis.
 *
 * <p>May be held by anyone for ever.
 *
 * @param name name of the stage that gives it
 * @param kind how it is laid out
 * @param channels P of a vector, C of a map, D of tokens
 * @param rows rows of the map or of the token grid; 1 for a vector
 * @param columns columns of the map or of the token grid; 1 for a vector
 * @param prefix tokens before the grid ([CLS]); 0 for others
 */
public record Feature(String name, Kind kind, int channels, int rows, int columns, int prefix) {
    /** How a feature is laid out. More may come: switches need a default branch. */
    public enum Kind {
        /** (N, P). */
        VECTOR,
        /** (N, C, H, W). */
        MAP,
        /** (N, T, D). */
        TOKENS
    }

    /**
     * A vector (N, size).
     *
     * @param name stage
     * @param size P
     * @return the feature
     */
    public static Feature vector(String name, int size) {
        return new Feature(name, Kind.VECTOR, size, 1, 1, 0);
    }

    /**
     * A map (N, channels, rows, columns).
     *
     * @param name stage
     * @param channels C
     * @param rows H
     * @param columns W
     * @return the feature
     */
    public static Feature map(String name, int channels, int rows, int columns) {
        return new Feature(name, Kind.MAP, channels, rows, columns, 0);
    }

    /**
     * Tokens (N, prefix + rows * columns, width).
     *
     * @param name stage
     * @param width D
     * @param rows rows of the grid
     * @param columns columns of the grid
     * @param prefix tokens before the grid
     * @return the feature
     */
    public static Feature tokens(String name, int width, int rows, int columns, int prefix) {
        return new Feature(name, Kind.TOKENS, width, rows, columns, prefix);
    }

    /**
     * Number of tokens with the prefix.
     *
     * @return T
     */
    public int tokens() {
        return prefix + rows * columns;
    }

    /**
     * The feature in words.
     *
     * @return for example {@code map (512, 7, 7)}
     */
    public String words() {
        return switch (kind) {
            case VECTOR -> "vector (" + channels + ")";
            case MAP -> "map (" + channels + ", " + rows + ", " + columns + ")";
            case TOKENS -> "tokens (" + tokens() + ", " + channels + ")";
        };
    }
}
