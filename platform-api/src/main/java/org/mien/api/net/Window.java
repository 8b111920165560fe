// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.net;

/**
 * How a window goes over a map, for convolutions and pooling: its stride, how much lies around the
 * map, and whether the last window may hang over.
 *
 * <pre>{@code
 * Window.by(1).pad(1)      // 3 x 3 that keeps the size
 * Window.by(2).same()      // TensorFlow's "same": ceil(size / 2), the odd pixel below and right
 * Window.by(2).ceil()      // pooling that reads the last rows and columns, too
 * }</pre>
 *
 * <p>May be held by anyone for ever.
 */
public final class Window {
    /**
     * What lies around a map of a known size, in pixels.
     *
     * @param top rows above
     * @param bottom rows below
     * @param left columns on the left
     * @param right columns on the right
     */
    public record Padding(int top, int bottom, int left, int right) {
        /**
         * Whether there is as much on one side as on the other.
         *
         * @return false where it has to be put around the map first
         */
        public boolean isEven() {
            return top == bottom && left == right;
        }
    }

    private final int stride;
    private final Padding padding;
    private final boolean same;
    private final boolean ceil;

    private Window(int stride, Padding padding, boolean same, boolean ceil) {
        this.stride = stride;
        this.padding = padding;
        this.same = same;
        this.ceil = ceil;
    }

    /**
     * A window that goes in steps, with nothing around the map.
     *
     * @param stride pixels to the next place, at least 1
     * @return the window
     * @throws IllegalArgumentException for less
     */
    public static Window by(int stride) {
        if (stride < 1) {
            throw new IllegalArgumentException("stride " + stride + "; expected at least 1");
        }
        return new Window(stride, new Padding(0, 0, 0, 0), false, false);
    }

    /**
     * With as much on all sides.
     *
     * @param each pixels
     * @return a window
     */
    public Window pad(int each) {
        return pad(each, each, each, each);
    }

    /**
     * With as much above as below, and left as right.
     *
     * @param rows pixels above and below
     * @param columns pixels left and right
     * @return a window
     */
    public Window pad(int rows, int columns) {
        return pad(rows, rows, columns, columns);
    }

    /**
     * With something of its own on each side.
     *
     * @param top rows above
     * @param bottom rows below
     * @param left columns on the left
     * @param right columns on the right
     * @return a window
     * @throws IllegalArgumentException for less than nothing
     */
    public Window pad(int top, int bottom, int left, int right) {
        if (Math.min(Math.min(top, bottom), Math.min(left, right)) < 0) {
            throw new IllegalArgumentException(
                    "padding of "
                            + top
                            + " above, "
                            + bottom
                            + " below, "
                            + left
                            + " left and "
                            + right
                            + " right; expected 0 or more pixels");
        }
        return new Window(stride, new Padding(top, bottom, left, right), false, ceil);
    }

    /**
     * TensorFlow's "same": around a map of any size there is so much that ceil(size / stride)
     * windows fit; of an odd number of pixels the one more lies below and on the right.
     *
     * @return a window
     */
    public Window same() {
        return new Window(stride, padding, true, ceil);
    }

    /**
     * Pooling whose last window may hang over, if it starts within the map and what lies above or
     * left of it (PyTorch's {@code ceil_mode}).
     *
     * @return a window
     */
    public Window ceil() {
        return new Window(stride, padding, same, true);
    }

    /**
     * Pixels to the next place.
     *
     * @return at least 1
     */
    public int stride() {
        return stride;
    }

    /**
     * Whether the last window may hang over.
     *
     * @return false without {@link #ceil}
     */
    public boolean isCeil() {
        return ceil;
    }

    /**
     * What lies around a map.
     *
     * @param height rows of the map
     * @param width columns of the map
     * @param rows rows of the window
     * @param columns columns of the window
     * @return pixels on each side
     */
    public Padding padding(long height, long width, long rows, long columns) {
        if (!same) {
            return padding;
        }
        int high = missing(height, rows);
        int wide = missing(width, columns);
        return new Padding(high / 2, high - high / 2, wide / 2, wide - wide / 2);
    }

    private int missing(long size, long kernel) {
        long places = (size + stride - 1) / stride;
        return (int) Math.max(0, (places - 1) * stride + kernel - size);
    }

    /**
     * Number of places from top to bottom.
     *
     * @param height rows of the map
     * @param rows rows of the window
     * @return rows of what a convolution or pooling gives
     */
    public int rows(long height, long rows) {
        Padding around = padding(height, height, rows, rows);
        return places(height, around.top(), around.bottom(), rows);
    }

    /**
     * Number of places from left to right.
     *
     * @param width columns of the map
     * @param columns columns of the window
     * @return columns of what a convolution or pooling gives
     */
    public int columns(long width, long columns) {
        Padding around = padding(width, width, columns, columns);
        return places(width, around.left(), around.right(), columns);
    }

    private int places(long size, int before, int after, long kernel) {
        long over = size + before + after - kernel;
        long places = Math.floorDiv(over, stride) + 1;
        if (ceil && over % stride != 0 && places * stride < size + before) {
            places++;
        }
        return (int) Math.max(0, places);
    }

    @Override
    public String toString() {
        String around =
                same
                        ? "same"
                        : padding.top()
                                + " "
                                + padding.bottom()
                                + " "
                                + padding.left()
                                + " "
                                + padding.right();
        return "stride " + stride + ", padding " + around + (ceil ? ", ceil" : "");
    }
}
