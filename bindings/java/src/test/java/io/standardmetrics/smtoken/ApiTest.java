package io.standardmetrics.smtoken;

import static org.junit.Assert.assertEquals;

import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/** The token opens the API, handed over as the README shows it. */
public final class ApiTest {
    private final Client client = new Client(Service.trusted());
    private HttpClient http;

    @Before
    public void trustTheServer() throws Exception {
        http = HttpClient.newBuilder().proxy(ProxySelector.of(null)).sslContext(Service.trust()).build();
    }

    @After
    public void close() {
        client.close();
    }

    @Test
    public void the_api_takes_the_token() throws Exception {
        assertEquals(200, companies(Service.BASE_URL).statusCode());
    }

    @Test
    public void a_revoked_token_is_replaced_after_the_401() throws Exception {
        companies(Service.BASE_URL);
        Service.revokeAll();
        assertEquals(401, companies(Service.BASE_URL).statusCode());
        assertEquals(200, companies(Service.BASE_URL).statusCode());
    }

    private HttpResponse<String> companies(String baseUrl) throws IOException, InterruptedException {
        String authorization = client.authorization();
        HttpRequest request = HttpRequest.newBuilder(URI.create(baseUrl + "/v1/companies/"))
                .header("Authorization", authorization)
                .build();
        HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
        if (answer.statusCode() == 401) {
            // The next call gets another token, and can try again.
            client.invalidateAuthorization(authorization);
        }
        return answer;
    }
}
