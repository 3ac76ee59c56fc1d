package io.standardmetrics.smtoken;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.After;
import org.junit.Test;

public final class ClientTest {
    private final Client client = new Client(Service.CLIENT_ID, Service.CLIENT_SECRET, Service.trusted());

    @After
    public void close() {
        client.close();
    }

    // contract: cached
    @Test
    public void two_calls_give_the_same_token() {
        assertTrue("the same token", tokenText().equals(tokenText()));
    }

    @Test
    public void two_calls_make_one_request() {
        assertEquals(1, Service.requests(() -> {
            tokenText();
            tokenText();
        }));
    }

    @Test
    public void making_a_client_makes_no_request() {
        assertEquals(0, Service.requests(() -> new Client(Service.trusted()).close()));
    }

    @Test
    public void a_client_takes_its_credentials_from_the_environment() {
        try (Client fromEnvironment = new Client(Service.trusted())) {
            fromEnvironment.token().close();
        }
    }

    @Test
    public void a_client_sends_credentials_of_other_than_ascii_characters() {
        try (Client odd = new Client(Service.ODD_CLIENT_ID, Service.ODD_CLIENT_SECRET, Service.trusted())) {
            odd.token().close();
        }
    }

    @Test
    public void the_authorization_is_that_of_the_current_token() {
        try (Token token = client.token()) {
            assertTrue("the same authorization", client.authorization().equals(token.authorization()));
        }
    }

    // contract: authorization-whole
    @Test
    public void a_long_authorization_is_given_whole() throws IOException {
        String token = "t".repeat(10_000);
        HttpServer server = answeringWith(token);
        Options options = new Options().baseUrl("http://127.0.0.1:" + server.getAddress().getPort());
        try (Client longer = new Client("id", "secret", options)) {
            assertTrue("it is whole", longer.authorization().equals("Bearer " + token));
        } finally {
            server.stop(0);
        }
    }

    @Test
    public void many_threads_share_one_request() {
        assertEquals(1, Service.requests(
                () -> IntStream.range(0, 16).parallel().forEach(thread -> client.authorization())));
    }

    // contract: invalidate
    @Test
    public void an_invalidated_token_is_replaced() {
        try (Token refused = client.token()) {
            client.invalidate(refused);
            assertFalse("another token", tokenText().equals(refused.accessToken()));
        }
    }

    @Test
    public void an_invalidated_authorization_is_replaced() {
        String refused = client.authorization();
        client.invalidateAuthorization(refused);
        assertFalse("another token", client.authorization().equals(refused));
    }

    // contract: invalidate-all
    @Test
    public void invalidating_nothing_drops_whichever_is_current() {
        String dropped = client.authorization();
        client.invalidate(null);
        assertFalse("another token", client.authorization().equals(dropped));
    }

    // contract: invalidate-old
    @Test
    public void invalidating_an_old_token_leaves_the_current_one() {
        try (Token old = client.token()) {
            client.invalidate(old);
            String current = client.authorization();
            client.invalidate(old);
            assertTrue("the same token", client.authorization().equals(current));
        }
    }

    // contract: remembered
    @Test
    public void a_refusal_is_remembered_and_tells_for_how_long() {
        try (Client wrong = withAWrongSecret()) {
            assertThrows(SmTokenException.class, wrong::token);
            Duration wait = assertThrows(SmTokenException.class, wrong::token).retryAfter().orElseThrow();
            assertTrue(wait + " of 60 s", wait.getSeconds() > 50 && wait.getSeconds() <= 60);
        }
    }

    @Test
    public void a_remembered_refusal_asks_nobody() {
        try (Client wrong = withAWrongSecret()) {
            assertEquals(1, Service.requests(() -> {
                assertThrows(SmTokenException.class, wrong::token);
                assertThrows(SmTokenException.class, wrong::authorization);
            }));
        }
    }

    // contract: shutdown
    @Test
    public void a_client_that_was_shut_down_answers_canceled() {
        client.shutdown();
        assertEquals(Status.CANCELED, assertThrows(SmTokenException.class, client::token).status());
    }

    @Test
    public void a_token_outlives_its_client() {
        try (Token token = client.token()) {
            client.close();
            assertTrue("the token has a length", token.accessToken().length() >= 20);
        }
    }

    @Test
    public void a_closed_client_says_so() {
        client.close();
        assertThrows(IllegalStateException.class, client::authorization);
    }

    @Test
    public void a_client_may_be_closed_twice() {
        client.close();
        client.close();
    }

    @Test
    public void a_client_logs_for_as_long_as_it_lives() {
        List<String> heard = new ArrayList<>();
        try (Client logging = new Client(Service.trusted().log(LogLevel.INFO, (level, line) -> heard.add(line)))) {
            System.gc();
            logging.token().close();
        }
        assertFalse("something was heard", heard.isEmpty());
    }

    @Test
    public void a_log_may_close_the_client_that_it_hears() {
        Client[] itself = new Client[1];
        List<String> heard = new ArrayList<>();
        itself[0] = new Client(Service.trusted().log(LogLevel.INFO, (level, line) -> {
            itself[0].close();
            heard.add(line);
        }));
        itself[0].token().close();
        assertFalse("something was heard", heard.isEmpty());
    }

    /** A server on loopback whose tokens are longer than those of the real one. */
    private static HttpServer answeringWith(String token) throws IOException {
        String body = "{\"access_token\": \"" + token + "\", \"expires_in\": 3600, \"token_type\": \"Bearer\"}";
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/o/token/", exchange -> {
            exchange.sendResponseHeaders(200, body.length());
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body.getBytes(StandardCharsets.US_ASCII));
            }
        });
        server.start();
        return server;
    }

    private static Client withAWrongSecret() {
        return new Client(Service.CLIENT_ID, "a wrong secret", Service.trusted());
    }

    private String tokenText() {
        try (Token token = client.token()) {
            return token.accessToken();
        }
    }
}
