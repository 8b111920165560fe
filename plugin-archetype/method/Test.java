package @package@;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;

import org.junit.jupiter.api.Test;
import org.mien.engine.Scope;
import org.mien.engine.Torch;

import java.nio.file.Path;

class @Name@MethodTest {
    @Test
    void confidenceIsTheNegativeEntropyOfTheAnswers() {
        float[] logits = {0, 0, 0, 2, 0, -1};
        double expected = -Math.log(3);
        double sum = Math.exp(2) + 1 + Math.exp(-1);
        for (double logit : new double[] {2, 0, -1}) {
            double p = Math.exp(logit) / sum;
            expected += p * Math.log(p);
        }
        Torch torch = Torch.start(Path.of(System.getProperty("mien.torch")));
        try (Scope scope = torch.inference(Device.cpu())) {
            float actual =
                    @Name@Method.confidence(scope.manager().create(logits, new Shape(2, 3)))
                            .getFloat();
            assertEquals(expected / 2, actual, 1e-6);
        }
    }
}
