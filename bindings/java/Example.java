import java.util.Optional;
import io.standardmetrics.smtoken.Options;
import io.standardmetrics.smtoken.SmTokenException;
import io.standardmetrics.smtoken.Token;

/**
 * Fetches an access token and shows what came with it, the token itself masked.
 *
 * <p>The credentials come from SMX_CLIENT_ID and SMX_CLIENT_SECRET, the service from SMX_BASE_URL where
 * it is set: the library reads all three. SM_TOKEN_CA_FILE is this program's own.
 */
public final class Example {
    public static void main(String[] arguments) {
        // A server with a private certificate authority; null, the variable not set, keeps the default.
        Options options = new Options().caFile(System.getenv("SM_TOKEN_CA_FILE"));

        try (Token token = Token.fetch(options)) {
            show(token);
        } catch (SmTokenException error) {
            System.err.println("no token: " + error.getMessage());
            System.err.println(advice(error));
            System.exit(1);
        }
    }

    private static void show(Token token) {
        String text = token.accessToken();
        System.out.printf("  type     %s%n", token.type());
        System.out.printf("  scope    %s%n", token.scope());
        System.out.printf("  expires  in %d seconds%n", token.expiresIn().getSeconds());
        System.out.printf("  token    %.4s... (%d characters)%n", text, text.length());
    }

    private static String advice(SmTokenException error) {
        Optional<String> wait = error.retryAfter().map(after -> "try again in " + after.toMillis() + " ms");
        return wait.orElse(error.isRetryable()
                ? "this may pass: try again later"
                : "trying again will not help: mend the cause first");
    }
}
