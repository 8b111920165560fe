package @package@;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.mien.api.Output;
import org.mien.api.data.Sample;
import org.mien.api.evaluate.Findings;
import org.mien.api.evaluate.Results;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

class @Name@EvaluatorTest {
    private record Answers(List<Sample> samples, float[][] probabilities) implements Results {
        @Override
        public String run() {
            return "test-1";
        }

        @Override
        public List<String> labels() {
            return List.of("anger", "fear", "joy");
        }

        @Override
        public Map<String, float[][]> extras(Output.Role role) {
            return Map.of();
        }
    }

    private static final class Book implements Findings {
        final Map<String, Double> metrics = new HashMap<>();
        final List<String> notes = new ArrayList<>();

        @Override
        public void metric(String name, double value) {
            metrics.put(name, value);
        }

        @Override
        public void table(String name, List<String> columns, List<? extends List<?>> rows) {}

        @Override
        public void note(String text) {
            notes.add(text);
        }
    }

    private static Book evaluate(int k) {
        float[][] p = {
            {0.5f, 0.3f, 0.2f},
            {0.5f, 0.3f, 0.2f},
            {0.5f, 0.3f, 0.2f},
            {0.5f, 0.25f, 0.25f},
            {1, 0, 0}
        };
        int[] labels = {0, 1, 2, 2, -1};
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < labels.length; i++) {
            String id = Integer.toString(i);
            samples.add(new Sample(id, id, labels[i], null, "", Sample.Split.TEST, Map.of()));
        }
        Book book = new Book();
        new @Name@Evaluator()
                .evaluate(new Answers(samples, p), new @Name@Evaluator.Settings(k), book);
        return book;
    }

    @Test
    void theRightClassIsAmongTheFirst() {
        assertEquals(Map.of("top1Accuracy", 0.25), evaluate(1).metrics);
        // Of the two that tie in the fourth row the first is taken, which is not the right one.
        assertEquals(Map.of("top2Accuracy", 0.5), evaluate(2).metrics);
        assertEquals(List.of("1 samples have no label and are left out."), evaluate(2).notes);
    }

    @Test
    void asManyAsThereAreClassesIsRefused() {
        String message =
                assertThrows(IllegalArgumentException.class, () -> evaluate(3)).getMessage();
        assertTrue(message.contains("less than 3"), message);
    }
}
