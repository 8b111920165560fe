package @package@;

import ai.djl.ndarray.NDArray;

import org.mien.api.Batch;
import org.mien.api.Feature;
import org.mien.api.Key;
import org.mien.api.Output;
import org.mien.api.method.Build;
import org.mien.api.method.Loss;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.method.Plan;
import org.mien.api.net.Pass;
import org.mien.api.net.Trunk;
import org.mien.nn.Linear;
import org.osgi.service.component.annotations.Component;

import java.util.List;

/**
 * A linear layer on a backbone's vector, with the penalty on confident answers of Pereyra et al.
 * 2017.
 */
@Component(property = "mien.id=@id@")
public final class @Name@Method implements Method<@Name@Method.Settings> {
    /**
     * Keys {@code method.*}.
     *
     * @param penalty weight of the penalty
     */
    public record Settings(
            @Key(value = "0.1", min = 0, max = 10, doc = "weight of the penalty, beta")
                    double penalty) {}

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Plan plan(Settings settings) {
        return Plan.on(Feature.Kind.VECTOR).phase("train");
    }

    @Override
    public Model build(Build build, Settings settings) {
        Trunk backbone = build.trunk();
        int width = backbone.feature(Feature.Kind.VECTOR).channels();
        Linear head = build.part("head", new Linear(width, build.classes()));
        return new Model() {
            private NDArray logits(Batch batch, Pass pass) {
                return head.run(pass, backbone.run(pass, batch.face(), Feature.Kind.VECTOR));
            }

            @Override
            public Output predict(Batch batch, Pass pass) {
                return Output.logits(logits(batch, pass));
            }

            @Override
            public List<Phase> phases(Build training) {
                return List.of(Phase.of("train", this::loss));
            }

            private Loss loss(Batch batch, Pass pass) {
                NDArray logits = logits(batch, pass);
                return Loss.crossEntropy(pass, logits, batch)
                        .plus("confidence", settings.penalty(), () -> confidence(logits));
            }
        };
    }

    /**
     * The negative entropy of the answers, the mean over samples of the sum of p log p.
     *
     * @param logits (N, K)
     * @return a scalar, from -log K (all classes equally probable) to 0 (certain)
     */
    private static NDArray confidence(NDArray logits) {
        NDArray log = logits.logSoftmax(1);
        return log.exp().mul(log).sum(new int[] {1}).mean();
    }
}
