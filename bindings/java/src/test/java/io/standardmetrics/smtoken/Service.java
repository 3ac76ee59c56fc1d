package io.standardmetrics.smtoken;

import com.sun.jna.Platform;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URL;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The real server, as the environment describes it. */
final class Service {
    static final String CLIENT_ID = variable("SMX_CLIENT_ID");
    static final String CLIENT_SECRET = variable("SMX_CLIENT_SECRET");
    static final String ODD_CLIENT_ID = variable("SM_TOKEN_ODD_CLIENT_ID");
    static final String ODD_CLIENT_SECRET = variable("SM_TOKEN_ODD_CLIENT_SECRET");
    static final String BASE_URL = variable("SMX_BASE_URL");

    static Options trusted() {
        return new Options().caFile(variable("SM_TOKEN_CA_FILE"));
    }

    /** How many token requests the server answers while the action runs. */
    static int requests(Runnable action) {
        int before = tokenRequests();
        action.run();
        return tokenRequests() - before;
    }

    /** No token that was handed out so far opens anything any more. */
    static void revokeAll() {
        control("POST", "/revoke_all");
    }

    /** What an HTTP client of the JDK trusts, so that it speaks with the server too. */
    static SSLContext trust() throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        byte[] pem = Files.readAllBytes(Path.of(variable("SM_TOKEN_CA_FILE")));
        Certificate authority = CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem));
        store.setCertificateEntry("authority", authority);
        TrustManagerFactory trusting =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusting.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trusting.getTrustManagers(), null);
        return context;
    }

    private static int tokenRequests() {
        String counts = control("GET", "/counts");
        Matcher found = Pattern.compile("\"token_requests\": ([0-9]+)").matcher(counts);
        if (!found.find()) {
            throw new IllegalStateException("no token_requests in " + counts);
        }
        return Integer.parseInt(found.group(1));
    }

    /** Not by an HttpClient, which makes ready for TLS at once: under wine 8 the JDK can't. */
    private static String control(String method, String path) {
        try {
            URL url = new URL(variable("SM_TOKEN_CONTROL_URL") + path);
            HttpURLConnection connection = (HttpURLConnection) url.openConnection(Proxy.NO_PROXY);
            connection.setRequestMethod(method);
            try (InputStream answer = connection.getInputStream()) {
                return new String(answer.readAllBytes(), StandardCharsets.UTF_8);
            }
        } catch (IOException lost) {
            throw new IllegalStateException("the server's control port is lost", lost);
        }
    }

    private static String variable(String name) {
        String value = System.getenv(name);
        if (value == null || value.isEmpty()) {
            throw new IllegalStateException(name + " is not set");
        }
        if (Platform.isWindows()) {
            return value;
        }
        // Java took its bytes, which are UTF-8, for the platform's encoding.
        return new String(value.getBytes(Charset.defaultCharset()), StandardCharsets.UTF_8);
    }
}
