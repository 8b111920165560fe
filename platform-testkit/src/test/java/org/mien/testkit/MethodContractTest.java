// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mien.api.Batch;
import org.mien.api.Feature;
import org.mien.api.Key;
import org.mien.api.Output;
import org.mien.api.data.Target;
import org.mien.api.method.Build;
import org.mien.api.method.Loss;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.method.Plan;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Trunk;
import org.mien.api.net.Var;
import org.mien.nn.Linear;

class MethodContractTest {
    private enum Fault {
        NONE,
        CUT_GRADIENT,
        UNUSED_PART,
        ARRAY_LEAK,
        OTHER_PHASE,
        HIDDEN_STATE,
        LOGITS_AS_PROBABILITIES,
        BATCH_MEAN,
        SAMPLE_MEAN,
        MOVES_IN_PLACE,
        MOVES_ITS_STATE_IN_PLACE,
        NO_SCALAR,
        STATIC_STATE,
        RELABELS,
        ROOT_OF_NOTHING,
        VALUES_UNSAID,
        LABELS_OF_ANOTHER_WIDTH,
        DECIDES_BY_ELEMENTS,
        LOSS_READS_ELEMENTS,
        PREDICTS_BY_LABELS,
        BAKES_A_SAMPLE_IN
    }

    private static final class Contract extends MethodContract<Faulty.Settings> {
        private final Fault fault;
        private final Feature.Kind kind;

        Contract(Fault fault, Feature.Kind kind) {
            this.fault = fault;
            this.kind = kind;
        }

        @Override
        protected Method<Faulty.Settings> plugin() {
            return new Faulty(fault, kind);
        }

        @Override
        protected Object activate(Class<?> type) throws Exception {
            return Caught.again(type, fault, kind);
        }
    }

    /** A bottleneck layer and a head, and a third layer that nothing is to move. */
    public static final class Faulty implements Method<Faulty.Settings> {
        /**
         * Keys.
         *
         * @param width of the bottleneck
         */
        public record Settings(@Key(value = "6", min = 1, max = 64, doc = "width") int width) {}

        private static float[] first;
        private final Fault fault;
        private final Feature.Kind kind;

        Faulty(Fault fault, Feature.Kind kind) {
            this.fault = fault;
            this.kind = kind;
        }

        @Override
        public Class<Settings> settings() {
            return Settings.class;
        }

        @Override
        public Plan plan(Settings s) {
            Plan plan = Plan.on(kind).phase("train", "epochs=1");
            return switch (fault) {
                case RELABELS -> plan.relabels();
                case VALUES_UNSAID -> plan.learns(Target.CLASS, Target.VALUES);
                case LABELS_OF_ANOTHER_WIDTH -> plan.learns(Target.CLASS, Target.MULTI_LABEL);
                default -> plan;
            };
        }

        @Override
        public Model build(Build build, Settings s) {
            Trunk trunk = build.trunk();
            Linear narrow =
                    build.part("narrow", new Linear(trunk.feature(kind).channels(), s.width()));
            Linear head = build.part("head", new Linear(s.width(), build.labels().size()));
            Frozen frozen = build.part("frozen", new Frozen());
            return new Model() {
                private int calls;

                @Override
                public Output predict(Batch batch, Pass pass) {
                    NDArray logits = logits(batch, pass);
                    return switch (fault) {
                        case LOGITS_AS_PROBABILITIES -> Output.probabilities(logits);
                        case LABELS_OF_ANOTHER_WIDTH ->
                                Output.logits(logits).withMultiLabel(logits);
                        default -> Output.logits(logits);
                    };
                }

                private NDArray logits(Batch batch, Pass pass) {
                    NDArray x = trunk.run(pass, batch.face(), kind);
                    x =
                            switch (kind) {
                                case VECTOR -> x;
                                case MAP -> pass.globalAveragePool(x);
                                case TOKENS -> x.mean(new int[] {1});
                            };
                    if (fault == Fault.BATCH_MEAN) {
                        x = x.sub(x.mean(new int[] {0}, true));
                    }
                    if (fault == Fault.SAMPLE_MEAN) {
                        NDArray index = batch.index().reshape(batch.size(), 1);
                        NDArray same = index.eq(index.transpose()).toType(x.getDataType(), false);
                        x = same.matMul(x).div(same.sum(new int[] {1}, true));
                    }
                    NDArray y = narrow.run(pass, x);
                    if (fault == Fault.CUT_GRADIENT) {
                        y = y.stopGradient();
                    }
                    if (fault == Fault.DECIDES_BY_ELEMENTS && y.mean().getFloat() > 0) {
                        y = y.neg();
                    }
                    if (fault == Fault.PREDICTS_BY_LABELS) {
                        y = y.add(batch.labels().expandDims(1));
                    }
                    if (fault == Fault.BAKES_A_SAMPLE_IN) {
                        y =
                                y.add(
                                        pass.scope()
                                                .create(
                                                        (float)
                                                                (batch.samples()
                                                                                .get(0)
                                                                                .id()
                                                                                .hashCode()
                                                                        % 7)));
                    }
                    NDArray still = pass.read(frozen.var);
                    if (fault == Fault.MOVES_IN_PLACE
                            || fault == Fault.MOVES_ITS_STATE_IN_PLACE && pass.training()) {
                        still.addi(0.1f);
                    }
                    return head.run(pass, y.mul(still));
                }

                @Override
                public List<Phase> phases(Build training) {
                    Linear unused =
                            fault == Fault.UNUSED_PART
                                    ? training.part("unused", new Linear(2, 2))
                                    : head;
                    Phase.Objective objective =
                            (batch, pass) -> {
                                if (fault == Fault.ARRAY_LEAK) {
                                    pass.scope()
                                            .getParentManager()
                                            .zeros(batch.labels().getShape());
                                }
                                NDArray logits = logits(batch, pass);
                                NDArray loss = pass.crossEntropy(logits, batch);
                                if (fault == Fault.ROOT_OF_NOTHING) {
                                    NDArray apart = logits.sub(logits.mean(new int[] {0}, true));
                                    NDArray sums = apart.square().sum(new int[] {1});
                                    loss = loss.add(sums.sqrt().mean());
                                }
                                if (fault == Fault.LOSS_READS_ELEMENTS) {
                                    loss = loss.mul(logits.max().toFloatArray()[0]);
                                }
                                if (fault == Fault.HIDDEN_STATE) {
                                    loss = loss.mul(++calls).add(0.1f);
                                }
                                if (fault == Fault.STATIC_STATE) {
                                    first = first == null ? logits.mean().toFloatArray() : first;
                                    loss = loss.mul(1 + Math.abs(first[0]));
                                }
                                if (fault == Fault.RELABELS) {
                                    NDArray labels = batch.labels();
                                    batch.relabel(labels.eq(1), labels.zerosLike());
                                }
                                return Loss.of(
                                                "cross-entropy",
                                                fault == Fault.NO_SCALAR
                                                        ? logits.square().sum(new int[] {1})
                                                        : loss)
                                        .scores(logits);
                            };
                    Phase phase =
                            Phase.of(fault == Fault.OTHER_PHASE ? "learn" : "train", objective);
                    return List.of(
                            fault == Fault.MOVES_ITS_STATE_IN_PLACE
                                    ? phase.moves(trunk, narrow, head, frozen)
                                    : phase.moves(trunk, narrow, head, unused));
                }
            };
        }

        private static final class Frozen extends Net {
            private final Var var = state("scale", 1, 1);

            @Override
            public NDArray run(Pass pass, NDArray x) {
                return x;
            }
        }
    }

    @Test
    void aGoodMethodPasses() throws Exception {
        assertEquals(Map.of(), Caught.by(new Contract(Fault.NONE, Feature.Kind.VECTOR)));
    }

    @ParameterizedTest
    @EnumSource(Feature.Kind.class)
    void theTrunkGivesEveryKind(Feature.Kind kind) throws Exception {
        String[] tests = {
            "gradientsReachWhatAPhaseMovesAndNothingElse",
            "inferenceDoesNotDependOnTheRestOfTheBatch"
        };
        assertEquals(Map.of(), Caught.by(new Contract(Fault.NONE, kind), tests));
    }

    private static String caught(Fault fault, String test) throws Exception {
        Map<String, String> failed = Caught.by(new Contract(fault, Feature.Kind.VECTOR), test);
        assertTrue(failed.containsKey(test), () -> fault + " passes " + test);
        return failed.get(test);
    }

    @Test
    void aGradientThatDoesNotArriveIsCaught() throws Exception {
        String test = "gradientsReachWhatAPhaseMovesAndNothingElse";
        assertTrue(caught(Fault.CUT_GRADIENT, test).contains("narrow.weight"));
        assertTrue(caught(Fault.UNUSED_PART, test).contains("unused.weight"));
    }

    @Test
    void aGradientThatIsNotTheSlopeIsCaught() throws Exception {
        String text = caught(Fault.CUT_GRADIENT, "gradientsAreWhatTheLossDoes");
        assertTrue(text.contains("phase 'train', along 'backbone.map.0.weight'"), text);
    }

    @Test
    void aGradientThatIsNoNumberWhereRowsAreEqualIsCaught() throws Exception {
        String test = "lossesAndGradientsAreFiniteOnBlankPictures";
        String text = caught(Fault.ROOT_OF_NOTHING, test);
        assertTrue(
                text.contains("phase 'train', step 0: the gradient of") && text.contains("NaN"),
                text);
        Contract contract = new Contract(Fault.ROOT_OF_NOTHING, Feature.Kind.VECTOR);
        assertEquals(Map.of(), Caught.by(contract, "gradientsAreWhatTheLossDoes"));
    }

    @Test
    void aPartThatMovesThoughItIsNotDeclaredIsCaught() throws Exception {
        String text = caught(Fault.MOVES_IN_PLACE, "gradientsReachWhatAPhaseMovesAndNothingElse");
        assertTrue(text.contains("frozen.scale"), text);
        assertTrue(
                caught(Fault.MOVES_IN_PLACE, "predictingLeavesNoTrace").contains("frozen.scale"));
    }

    @Test
    void stateThatIsMovedPastThePassIsCaught() throws Exception {
        String text =
                caught(
                        Fault.MOVES_ITS_STATE_IN_PLACE,
                        "gradientsReachWhatAPhaseMovesAndNothingElse");
        assertTrue(text.contains("the loss has written into 'frozen.scale'"), text);
    }

    @Test
    void anArrayThatIsLeftIsCaught() throws Exception {
        String text = caught(Fault.ARRAY_LEAK, "noNativeArrayIsLeft");
        assertTrue(text.contains("four training steps"), text);
    }

    @Test
    void phasesThatDifferAreCaught() throws Exception {
        assertTrue(caught(Fault.OTHER_PHASE, "planAndModelNameTheSamePhases").contains("learn"));
    }

    @Test
    void stateOutsideTheCheckpointIsCaught() throws Exception {
        caught(Fault.HIDDEN_STATE, "savedAndLoadedItGoesOnWithTheSameBytes");
    }

    @Test
    void stateThatAnUpdateLosesIsCaught() throws Exception {
        String text = caught(Fault.STATIC_STATE, "anUpdateGoesOnWithTheSame");
        assertTrue(text.contains(".weight' is not what the old version goes on with"), text);
        String kept = "savedAndLoadedItGoesOnWithTheSameBytes";
        Contract contract = new Contract(Fault.STATIC_STATE, Feature.Kind.VECTOR);
        assertEquals(Map.of(), Caught.by(contract, kept));
    }

    @Test
    void labelsThatChangedCrossTheUpdate() throws Exception {
        Contract contract = new Contract(Fault.RELABELS, Feature.Kind.VECTOR);
        assertEquals(Map.of(), Caught.by(contract));
        try (Trial trial = new Trial(contract.plugin(), contract.settings(), 3, TinyTrunk.make())) {
            trial.steps(1);
            assertEquals(
                    Map.of(0, 0, 1, 0, 2, 2, 3, 0, 4, 0, 5, 2, 6, 0, 7, 0), trial.save().labels());
        }
    }

    @Test
    void arraysThatARemovalLeavesAreCaught() throws Exception {
        assertTrue(caught(Fault.ARRAY_LEAK, "aRemovalLeavesNothing").contains("native arrays"));
    }

    @Test
    void wrongAnswersAreCaught() throws Exception {
        caught(Fault.LOGITS_AS_PROBABILITIES, "probabilitiesAreProbabilities");
        caught(Fault.BATCH_MEAN, "inferenceDoesNotDependOnTheRestOfTheBatch");
        String text = caught(Fault.SAMPLE_MEAN, "cropsOfAFaceAreRowsOfTheirOwn");
        assertTrue(text.contains("a class of row 0, a crop of a face"), text);
    }

    /** Each with the words that say what to change. */
    @Test
    void aForwardThatCannotBeRecordedIsCaught() throws Exception {
        String test = "itsForwardCanBeRecorded";
        String read = "NDArray.%s at MethodContractTest.java:";
        String decides = caught(Fault.DECIDES_BY_ELEMENTS, test);
        assertTrue(decides.contains(String.format(read, "getFloat(long[])")), decides);
        String reads = caught(Fault.LOSS_READS_ELEMENTS, test);
        assertTrue(reads.contains(String.format(read, "toFloatArray()")), reads);
        String labels = caught(Fault.PREDICTS_BY_LABELS, test);
        assertTrue(labels.contains("its prediction reads 'labels'"), labels);
        String baked = caught(Fault.BAKES_A_SAMPLE_IN, test);
        assertTrue(baked.contains("recorded and run on sample 3"), baked);
    }

    @Test
    void anAnswerThatIsMissingOrOfAnotherWidthIsCaught() throws Exception {
        String text = caught(Fault.VALUES_UNSAID, "whatIsLearntIsAnswered");
        assertTrue(text.contains("learns values in a range does not answer with it"), text);
        text = caught(Fault.LABELS_OF_ANOTHER_WIDTH, "whatIsLearntIsAnswered");
        assertTrue(text.contains("shape of the answer with several labels at once"), text);
    }

    @Test
    void aLossThatIsNoScalarIsCaught() throws Exception {
        String text = caught(Fault.NO_SCALAR, "gradientsReachWhatAPhaseMovesAndNothingElse");
        assertTrue(text.contains("no scalar"), text);
    }
}
