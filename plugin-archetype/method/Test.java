package @package@;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.mien.testkit.Faces;
import org.mien.testkit.MethodBench;

class @Name@MethodTest {
    @Test
    void confidenceIsTheNegativeEntropyOfTheAnswers() {
        double expected = -Math.log(3);
        double sum = Math.exp(2) + 1 + Math.exp(-1);
        for (double logit : new double[] {2, 0, -1}) {
            double p = Math.exp(logit) / sum;
            expected += p * Math.log(p);
        }
        @Name@Method.Settings settings = new @Name@Method.Settings(0.1);
        // One pixel, of which two numbers are the vector that the layer reads.
        try (MethodBench bench =
                MethodBench.of(new @Name@Method(), settings, 3, MethodBench.linear(1, 1, 2))) {
            bench.set("backbone.vector.1.weight", 1, 0, 0, 0, 1, 0);
            bench.set("backbone.vector.1.bias", 0);
            // Logits 2, 0, -1 of the vector 1, 0.
            bench.set("head.weight", 2, 0, 0, 0, -1, 0);
            bench.set("head.bias", 0);
            double[][] pixels = {{0, 0, 0}, {1, 0, 0}};
            MethodBench.Step step = bench.step(Faces.of(pixels).labels(0, 2));
            assertEquals(expected / 2, step.terms().get("confidence"), 1e-6);
            double[] gradient = step.gradients().get("head.bias");
            assertEquals(0, gradient[0] + gradient[1] + gradient[2], 1e-6);
        }
    }
}
