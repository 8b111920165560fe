package @package@;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.mien.testkit.Answers;
import org.mien.testkit.Found;

import java.util.List;
import java.util.Map;

class @Name@EvaluatorTest {
    private static Found evaluate(int k) {
        Answers answers =
                Answers.of("anger", "fear", "joy")
                        .sample(0, 0.5, 0.3, 0.2)
                        .sample(1, 0.5, 0.3, 0.2)
                        .sample(2, 0.5, 0.3, 0.2)
                        .sample(2, 0.5, 0.25, 0.25)
                        .sample(-1, 1, 0, 0);
        return Found.by(new @Name@Evaluator(), new @Name@Evaluator.Settings(k), answers);
    }

    @Test
    void theRightClassIsAmongTheFirst() {
        assertEquals(Map.of("top1Accuracy", 0.25), evaluate(1).metrics());
        // Of the two that tie in the fourth row the first is taken, which is not the right one.
        assertEquals(Map.of("top2Accuracy", 0.5), evaluate(2).metrics());
        assertEquals(List.of("1 samples have no label and are left out."), evaluate(2).notes());
    }

    @Test
    void asManyAsThereAreClassesIsRefused() {
        String message =
                assertThrows(IllegalArgumentException.class, () -> evaluate(3)).getMessage();
        assertTrue(message.contains("less than 3"), message);
    }
}
