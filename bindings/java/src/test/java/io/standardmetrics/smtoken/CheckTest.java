package io.standardmetrics.smtoken;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.Test;

/** The steps to a token of the real server. */
public final class CheckTest {
    private static final List<String> NAMES = List.of(
            "credentials", "base URL", "proxy", "name", "connection", "TLS", "certificate", "clock", "answer");

    // contract: check
    @Test
    public void every_step_to_the_real_server_is_right() {
        Check check = Check.run(Service.trusted());
        assertEquals(NAMES, names(check));
        for (CheckStep step : check.steps()) {
            assertEquals(step.name() + ": " + step.text(), Verdict.OK, step.verdict());
            assertFalse(step.name() + " has a text", step.text().isEmpty());
        }
        assertTrue("no failure", check.failure().isEmpty());
    }

    @Test
    public void a_refused_secret_is_named_by_the_answer() {
        Check check = Check.run(Service.CLIENT_ID, "a wrong secret", Service.trusted());
        assertEquals(NAMES, names(check));
        List<CheckStep> wrong = check.steps().stream()
                .filter(step -> step.verdict() == Verdict.WRONG)
                .collect(Collectors.toList());
        assertEquals(1, wrong.size());
        assertEquals("answer", wrong.get(0).name());
        assertFalse("there is something to do", wrong.get(0).advice().isEmpty());
        assertEquals(40, check.failure().orElseThrow().statusValue());
        assertTrue(
                "the secret is not shown",
                check.steps().stream().noneMatch(step -> step.text().contains("a wrong secret")));
    }

    @Test
    public void half_of_the_credentials_is_a_step_that_is_wrong() {
        Check check = Check.run(Service.CLIENT_ID, null, Service.trusted());
        assertEquals(Verdict.WRONG, check.steps().get(0).verdict());
        assertEquals(Status.INVALID_ARGUMENT, check.failure().orElseThrow().status());
    }

    @Test
    public void an_option_that_is_refused_is_thrown() {
        Options bad = new Options().baseUrl("https:/?");
        assertEquals(
                Status.INVALID_ARGUMENT,
                assertThrows(SmTokenException.class, () -> Check.run(bad)).status());
    }

    @Test
    public void an_interrupt_ends_it() throws IOException {
        try (Hole hole = new Hole()) {
            Options options = hole.options();
            Thread.currentThread().interrupt();
            SmTokenException ended = assertThrows(SmTokenException.class, () -> Check.run("id", "secret", options));
            assertTrue("the thread is still interrupted", Thread.interrupted());
            assertEquals(Status.CANCELED, ended.status());
        }
    }

    private static List<String> names(Check check) {
        return check.steps().stream().map(CheckStep::name).collect(Collectors.toList());
    }
}
