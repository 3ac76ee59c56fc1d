package io.standardmetrics.smtoken;

import com.sun.jna.CallbackThreadInitializer;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** The outcomes that callers wait for without a thread in the library. */
final class Ready {
    /** Completes what others depend on: they could hold up the library's thread, or a pool that is the program's. */
    static final Executor COMPLETION = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "sm_token completion");
        thread.setDaemon(true);
        return thread;
    });

    private static final Map<Long, CompletableFuture<Token>> AWAITED = new ConcurrentHashMap<>();
    private static final AtomicLong LAST = new AtomicLong();

    /** One for all, and never collected: an outcome is found by its number, which is the user data. */
    private static final CApi.ReadyCallback CALLBACK = Ready::complete;

    static {
        // A thread of the library is no reason for the virtual machine to live on.
        Native.setCallbackThreadInitializer(CALLBACK, new CallbackThreadInitializer(true, true, "sm_token"));
    }

    private Ready() {}

    /**
     * Starts a request where one is needed. The future is completed on a thread of the library, which may not be
     * held up: what depends on it has to be short, or to run elsewhere.
     *
     * @throws SmTokenException the client was shut down, or the machine has no thread to give now
     */
    static CompletableFuture<Token> of(Pointer client) {
        Long number = LAST.incrementAndGet();
        CompletableFuture<Token> awaited = new CompletableFuture<>();
        AWAITED.put(number, awaited);
        try (Out out = new Out()) {
            int status =
                    CApi.LIBRARY.sm_client_when_ready(client, CALLBACK, Pointer.createConstant(number), out.errorSlot());
            SmTokenException.throwUnlessOk(status, out);
        } catch (RuntimeException noCallback) {
            AWAITED.remove(number);
            throw noCallback;
        }
        return awaited;
    }

    /** Ends the wait: a token that still comes is freed. */
    static void abandon(CompletableFuture<Token> awaited) {
        awaited.thenAccept(Token::close);
    }

    private static void complete(Pointer number, int status, Pointer token, Pointer error) {
        CompletableFuture<Token> awaited = AWAITED.remove(Pointer.nativeValue(number));
        if (status == CApi.SM_OK) {
            awaited.complete(new Token(token));
        } else {
            awaited.completeExceptionally(SmTokenException.of(status, error));
        }
    }
}
