package @package@;

import org.mien.api.Key;
import org.mien.api.data.Sample;
import org.mien.api.evaluate.Evaluator;
import org.mien.api.evaluate.Findings;
import org.mien.api.evaluate.Results;
import org.osgi.service.component.annotations.Component;

import java.util.List;

/**
 * How often the right class is among the k most probable ones, the metric {@code topkAccuracy} with
 * the number for k, a share from 0 to 1. Of equally probable classes the first is taken before the
 * others. Samples without a label are left out, with a note.
 */
@Component(property = "mien.id=@id@")
public final class @Name@Evaluator implements Evaluator<@Name@Evaluator.Settings> {
    /**
     * Keys {@code @id@.*}.
     *
     * @param k how many classes are looked at
     */
    public record Settings(
            @Key(value = "2", min = 1, max = 1000, doc = "how many of the most probable classes")
                    int k) {}

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public void evaluate(Results results, Settings settings, Findings findings) {
        int k = settings.k();
        int classes = results.labels().size();
        if (k >= classes) {
            throw new IllegalArgumentException(
                    "@id@: the run has "
                            + classes
                            + " classes, so the right one is always among "
                            + k
                            + "; give @id@.k less than "
                            + classes);
        }
        List<Sample> samples = results.samples();
        float[][] probabilities = results.probabilities();
        int labelled = 0;
        int found = 0;
        for (int i = 0; i < samples.size(); i++) {
            int label = samples.get(i).label();
            if (label >= 0) {
                labelled++;
                found += rank(probabilities[i], label) < k ? 1 : 0;
            }
        }
        if (labelled < samples.size()) {
            findings.note(samples.size() - labelled + " samples have no label and are left out.");
        }
        findings.share("top" + k + "Accuracy", (double) found / labelled);
    }

    /** Number of classes that come before one. */
    private static int rank(float[] probabilities, int label) {
        int before = 0;
        for (int j = 0; j < probabilities.length; j++) {
            float difference = probabilities[j] - probabilities[label];
            before += difference > 0 || difference == 0 && j < label ? 1 : 0;
        }
        return before;
    }
}
