package io.standardmetrics.smtoken;

import java.util.concurrent.CompletableFuture;

/**
 * One sm_token_fetch, on a thread of its own: the call holds its thread, which must be no carrier of virtual threads,
 * and no thread that may be interrupted.
 */
final class Fetch {
    private final String clientId;
    private final String clientSecret;
    private final Options options;
    private final CompletableFuture<Token> outcome = new CompletableFuture<>();
    // Asked by the library while it waits: at least every 100 ms.
    private final CApi.KeepWaitingCallback keepWaiting = userData -> outcome.isDone() ? 0 : 1;

    private Fetch(String clientId, String clientSecret, Options options) {
        this.clientId = clientId;
        this.clientSecret = clientSecret;
        this.options = options;
    }

    /** Cancelling the future ends the request. */
    static CompletableFuture<Token> start(String clientId, String clientSecret, Options options) {
        Fetch fetch = new Fetch(clientId, clientSecret, options);
        Thread thread = new Thread(fetch::run, "sm_token fetch");
        thread.setDaemon(true);
        thread.start();
        return fetch.outcome;
    }

    private void run() {
        Token token;
        try {
            token = token();
        } catch (Throwable failure) {
            outcome.completeExceptionally(failure);
            return;
        }
        if (!outcome.complete(token)) {
            token.close();
        }
    }

    private Token token() {
        try (Text id = new Text(clientId, "clientId");
                Text secret = new Text(clientSecret, "clientSecret");
                Options.Native chosen = options.toNative();
                Out out = new Out()) {
            chosen.keepWaiting(keepWaiting);
            int status = CApi.LIBRARY.sm_token_fetch(
                    id.pointer, secret.pointer, chosen.pointer, out.handleSlot(), out.errorSlot());
            SmTokenException.throwUnlessOk(status, out);
            return new Token(out.handle());
        }
    }
}
