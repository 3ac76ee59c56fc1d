package io.standardmetrics.smtoken;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.Test;
import org.junit.function.ThrowingRunnable;

public final class FetchTest {
    // contract: environment
    @Test
    public void a_token_is_fetched_with_the_credentials_of_the_environment() {
        try (Token token = Token.fetch(Service.trusted())) {
            assertTrue("the token has a length", token.accessToken().length() >= 20);
        }
    }

    @Test
    public void the_authorization_is_bearer_and_the_token() {
        try (Token token = fetch()) {
            assertTrue("Bearer TOKEN", token.authorization().equals("Bearer " + token.accessToken()));
        }
    }

    // contract: token
    @Test
    public void the_type_and_the_scope_are_the_servers() {
        try (Token token = fetch()) {
            assertEquals("Bearer all read write", token.type() + " " + token.scope());
        }
    }

    // contract: option-sent
    @Test
    public void the_scope_is_what_was_asked_for() {
        try (Token token = Token.fetch(Service.trusted().scope("read"))) {
            assertEquals("read", token.scope());
        }
    }

    // contract: expiry
    @Test
    public void the_time_left_and_the_expiry_agree() {
        try (Token token = fetch()) {
            Duration apart = Duration.between(Instant.now().plus(token.expiresIn()), token.expiresAt());
            assertTrue(apart + " apart", apart.abs().compareTo(Duration.ofSeconds(2)) <= 0);
        }
    }

    @Test
    public void the_time_left_is_that_of_the_server() {
        try (Token token = fetch()) {
            long left = token.expiresIn().getSeconds();
            assertTrue(left + " s are left of 3600", left > 3500 && left <= 3600);
        }
    }

    // contract: odd-text
    @Test
    public void credentials_of_other_than_ascii_characters_are_accepted() {
        try (Token token = Token.fetch(Service.ODD_CLIENT_ID, Service.ODD_CLIENT_SECRET, Service.trusted())) {
            assertTrue("the token has a length", token.accessToken().length() >= 20);
        }
    }

    @Test
    public void a_refused_secret_is_status_40() {
        assertEquals(40, refused().statusValue());
    }

    @Test
    public void a_refused_secret_is_known_by_name() {
        assertEquals(Status.INVALID_CLIENT, refused().status());
    }

    // contract: refused
    @Test
    public void a_refused_secret_says_what_to_do() {
        assertContains("check client_id and client_secret", refused().getMessage());
    }

    // contract: refused-fields
    @Test
    public void a_refusal_tells_what_the_server_answered() {
        SmTokenException error = refused();
        assertEquals("401 invalid_client", error.httpStatus() + " " + error.oauthCode());
    }

    @Test
    public void a_refused_secret_is_not_worth_another_try() {
        SmTokenException error = refused();
        assertFalse("retryable, or a time to wait", error.isRetryable() || error.retryAfter().isPresent());
    }

    // contract: no-secret
    @Test
    public void a_refusal_does_not_show_the_secret() {
        assertFalse("the secret is shown", refused().toString().contains("a wrong secret"));
    }

    @Test
    public void a_secret_read_with_its_newline_is_refused_by_name() {
        SmTokenException error =
                bad(() -> Token.fetch(Service.CLIENT_ID, Service.CLIENT_SECRET + "\n", Service.trusted()));
        assertContains("client_secret", error.getMessage());
    }

    @Test
    public void a_secret_with_a_nul_is_refused_and_not_cut() {
        SmTokenException error =
                bad(() -> Token.fetch(Service.CLIENT_ID, Service.CLIENT_SECRET + "\0", Service.trusted()));
        assertContains("clientSecret", error.getMessage());
    }

    // contract: not-text
    @Test
    public void half_a_surrogate_pair_is_refused_and_not_replaced() {
        SmTokenException error = bad(() -> Token.fetch("id \ud83d", "secret", Service.trusted()));
        assertContains("clientId", error.getMessage());
    }

    // contract: half-credentials
    @Test
    public void an_id_without_its_secret_is_a_bad_argument() {
        bad(() -> Token.fetch(Service.CLIENT_ID, null, Service.trusted()));
    }

    // contract: option-reason
    @Test
    public void a_malformed_url_is_refused_by_the_options_name() {
        assertContains("base_url", bad(() -> Token.fetch(new Options().baseUrl("https:/?"))).getMessage());
    }

    @Test
    public void a_timeout_of_nothing_is_refused_by_the_options_name() {
        Options options = Service.trusted().timeout(Duration.ZERO);
        assertContains("timeout is not between", bad(() -> Token.fetch(options)).getMessage());
    }

    @Test
    public void a_negative_timeout_is_refused_by_the_options_name() {
        Options options = Service.trusted().timeout(Duration.ofSeconds(-5));
        assertContains("timeout is not between", bad(() -> Token.fetch(options)).getMessage());
    }

    // contract: number-range
    @Test
    public void a_timeout_that_the_library_cannot_hold_is_refused_and_not_cut() {
        Options options = Service.trusted().timeout(Duration.ofMillis((1L << 32) + 5000));
        assertContains("timeout is not between", bad(() -> Token.fetch(options)).getMessage());
    }

    @Test
    public void a_fraction_of_a_millisecond_is_a_timeout_and_not_nothing() {
        Options options = Service.trusted().timeout(Duration.ofNanos(1));
        assertEquals(Status.TIMEOUT, thrown(() -> Token.fetch(options)).status());
    }

    @Test
    public void a_negative_number_of_retries_is_refused() {
        bad(() -> Token.fetch(Service.trusted().maxRetries(-1)));
    }

    // contract: insecure-url
    @Test
    public void plain_http_to_another_machine_is_refused() {
        Options options = new Options().baseUrl("http://api.standardmetrics.io");
        assertEquals(Status.INSECURE_URL, thrown(() -> Token.fetch(options)).status());
    }

    // contract: trust-roots
    @Test
    public void a_missing_ca_file_is_named_with_its_path() {
        SmTokenException error = thrown(() -> Token.fetch(new Options().caFile("/no/such/ca.pem")));
        assertEquals(Status.NO_TRUST_ROOTS, error.status());
        assertContains("/no/such/ca.pem", error.getMessage());
    }

    // contract: version
    @Test
    public void the_version_is_the_librarys() {
        assertEquals(3, Client.libraryVersion().split("\\.").length);
    }

    @Test
    public void an_unknown_authority_is_a_certificate_failure() {
        Options options =
                new Options().trust(Trust.BUNDLED).maxRetries(0).connectTimeout(Duration.ofSeconds(5));
        assertEquals(Status.CERTIFICATE, thrown(() -> Token.fetch(options)).status());
    }

    @Test
    public void a_closed_token_says_so() {
        Token token = fetch();
        token.close();
        assertThrows(IllegalStateException.class, token::accessToken);
    }

    @Test
    public void a_token_may_be_closed_twice() {
        Token token = fetch();
        token.close();
        token.close();
    }

    // contract: log log-no-secret
    @Test
    public void the_log_hears_of_the_token_but_not_its_text() {
        List<String> heard = new ArrayList<>();
        Options options = Service.trusted().log(LogLevel.DEBUG, (level, line) -> heard.add(line));
        try (Token token = Token.fetch(options)) {
            boolean shown = heard.stream().anyMatch(line -> line.contains(token.accessToken()));
            assertTrue("heard, without the token", !heard.isEmpty() && !shown);
        }
    }

    @Test
    public void the_log_hears_nothing_below_its_level() {
        List<String> heard = new ArrayList<>();
        Token.fetch(Service.trusted().log(LogLevel.WARN, (level, line) -> heard.add(line))).close();
        assertEquals(List.of(), heard);
    }

    // contract: log-raises
    @Test
    public void a_log_that_throws_is_asked_again_and_costs_no_token() {
        List<LogLevel> asked = new ArrayList<>();
        Options options = Service.trusted().log(LogLevel.DEBUG, (level, line) -> {
            asked.add(level);
            throw new IllegalStateException("the log is full");
        });
        Token.fetch(options).close();
        assertTrue(asked.toString(), asked.contains(LogLevel.DEBUG) && asked.contains(LogLevel.INFO));
    }

    private static Token fetch() {
        return Token.fetch(Service.CLIENT_ID, Service.CLIENT_SECRET, Service.trusted());
    }

    private static SmTokenException refused() {
        return thrown(() -> Token.fetch(Service.CLIENT_ID, "a wrong secret", Service.trusted()));
    }

    private static SmTokenException thrown(ThrowingRunnable fetch) {
        return assertThrows(SmTokenException.class, fetch);
    }

    private static SmTokenException bad(ThrowingRunnable fetch) {
        SmTokenException error = thrown(fetch);
        assertEquals(Status.INVALID_ARGUMENT, error.status());
        return error;
    }

    private static void assertContains(String part, String text) {
        assertTrue(text, text.contains(part));
    }
}
