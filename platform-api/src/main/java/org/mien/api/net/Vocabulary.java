// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.net;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a network is written in: those operations of DJL's NDArray that may stand in a forward, of a
 * net, in {@link org.mien.api.method.Model#predict} and in the objective of a phase, beside {@link
 * Ops} and {@link Pass}. What is written in them alone can be recorded, and so be written out for
 * other programs. The contract tests record each backbone and each method, and refuse anything
 * else.
 *
 * <p>Three rules go with the list:
 *
 * <ul>
 *   <li>No element is read out ({@code toFloatArray}, {@code getFloat}), and so no branch depends
 *       on one. Shapes, types and devices may be asked, and loops may depend on them.
 *   <li>Nothing is changed in place ({@code addi}, {@code set}).
 *   <li>A constant is made by {@link Pass#scope}, of numbers that do not come from the batch, in
 *       what predicts.
 * </ul>
 *
 * <p>What is not here has another way: {@code toType} and {@code duplicate} cut the gradient, and
 * {@link Ops#cast} does not; {@code norm} has no gradient at 0, and {@link Ops#norm} has; what an
 * array picks (an index that is an array, {@code booleanMask}, {@code nonzero}) has a shape that
 * depends on elements, and {@link Ops#pick} or a product with a mask has not.
 */
public final class Vocabulary {
    private static final Set<String> ARRAYS =
            sorted(
                    // element by element
                    "add(NDArray) add(Number) sub(NDArray) sub(Number) mul(NDArray) mul(Number)",
                    "div(NDArray) div(Number) pow(NDArray) pow(Number)",
                    "maximum(NDArray) maximum(Number) minimum(NDArray) minimum(Number)",
                    "clip(Number,Number) neg() abs() sign() square() sqrt() exp() log() tanh()",
                    "sin() cos() erf() floor() ceil() round()",
                    "eq(NDArray) eq(Number) neq(NDArray) neq(Number) gt(NDArray) gt(Number)",
                    "gte(NDArray) gte(Number) lt(NDArray) lt(Number) lte(NDArray) lte(Number)",
                    "logicalAnd(NDArray) logicalOr(NDArray) logicalXor(NDArray) logicalNot()",
                    // over axes
                    "sum() sum(int[]) sum(int[],boolean) mean() mean(int[]) mean(int[],boolean)",
                    "max() max(int[]) max(int[],boolean) min() min(int[]) min(int[],boolean)",
                    "prod() prod(int[]) prod(int[],boolean) cumSum(int)",
                    "softmax(int) logSoftmax(int) argMax(int) argMin(int)",
                    "argSort(int) argSort(int,boolean) sort(int) topK(int,int)",
                    "topK(int,int,boolean,boolean)",
                    // products of matrices
                    "matMul(NDArray) batchMatMul(NDArray)",
                    // places
                    "reshape(long[]) reshape(Shape) flatten() flatten(int,int) expandDims(int)",
                    "squeeze() squeeze(int) squeeze(int[]) transpose() transpose(int[])",
                    "swapAxes(int,int) flip(int[]) broadcast(long[]) broadcast(Shape)",
                    "repeat(int,long) repeat(long) repeat(long[]) tile(long)",
                    "tile(long[]) split(long) split(long,int) split(long[]) split(long[],int)",
                    "concat(NDArray) concat(NDArray,int) stack(NDArray) stack(NDArray,int)",
                    "get(NDIndex) get(String,Object[]) get(long[]) gather(NDArray,int)",
                    "oneHot(int) oneHot(int,DataType)",
                    // what needs no elements
                    "zerosLike() onesLike() stopGradient()");

    private static final Set<String> JOINED =
            sorted("concat(NDList,int) stack(NDList,int) where(NDArray,NDArray)");

    private static final Set<String> QUESTIONS =
            sorted(
                    "getShape() getDataType() getDevice() size() size(int) isScalar() isEmpty()",
                    "getName() getUid() getManager() getNDArrayInternal() close()");

    private static final Set<String> CONSTANTS =
            sorted(
                    "create(Number) create(float) create(int) create(double) create(long)",
                    "create(boolean) create(float[]) create(int[]) create(double[])",
                    "create(long[]) create(boolean[]) create(float[][]) create(float[],Shape)",
                    "create(int[],Shape) create(double[],Shape) create(long[],Shape)",
                    "create(boolean[],Shape) zeros(Shape) zeros(Shape,DataType) ones(Shape)",
                    "ones(Shape,DataType) full(Shape,int) full(Shape,float)",
                    "full(Shape,float,DataType) arange(int) arange(float) arange(int,int)",
                    "arange(float,float) arange(int,int,int) arange(float,float,float)",
                    "arange(int,int,int,DataType) arange(float,float,float,DataType)",
                    "eye(int) eye(int,int,int,DataType) linspace(float,float,int)");

    private Vocabulary() {}

    private static Set<String> sorted(String... lines) {
        Set<String> all = new TreeSet<>();
        for (String line : lines) {
            all.addAll(Arrays.asList(line.split(" ")));
        }
        return Collections.unmodifiableSet(all);
    }

    /**
     * Operations on an array.
     *
     * @return name and types of parameters, for example {@code sum(int[],boolean)}
     */
    public static Set<String> operations() {
        return ARRAYS;
    }

    /**
     * Operations behind the static methods of {@code NDArrays}: to concatenate, to stack and to
     * choose by a mask, of several arrays at once.
     *
     * @return name and types of parameters
     */
    public static Set<String> joined() {
        return JOINED;
    }

    /**
     * What may be asked of an array without a look at its elements. Indices of {@code get} are
     * numbers and ranges, no arrays.
     *
     * @return name and types of parameters
     */
    public static Set<String> questions() {
        return QUESTIONS;
    }

    /**
     * How constants are made, of the manager that {@link Pass#scope} gives.
     *
     * @return name and types of parameters
     */
    public static Set<String> constants() {
        return CONSTANTS;
    }

    /**
     * Whether a method may be called in a forward.
     *
     * @param method of {@link NDArray}, of {@link NDManager}, or of what stands behind the static
     *     methods of {@code NDArrays}
     * @return false for what would read elements out, change them in place or decide by them
     */
    public static boolean allows(Method method) {
        String signature = signature(method);
        Class<?> of = method.getDeclaringClass();
        if (NDManager.class.isAssignableFrom(of)) {
            return CONSTANTS.contains(signature);
        }
        return NDArray.class.isAssignableFrom(of) || of.isAssignableFrom(NDArray.class)
                ? ARRAYS.contains(signature) || QUESTIONS.contains(signature)
                : JOINED.contains(signature);
    }

    /**
     * A method as the lists here have it.
     *
     * @param method any
     * @return name and simple types of parameters
     */
    public static String signature(Method method) {
        return method.getName()
                + Arrays.stream(method.getParameterTypes())
                        .map(Class::getSimpleName)
                        .collect(Collectors.joining(",", "(", ")"));
    }
}
