package io.standardmetrics.smtoken;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import com.sun.jna.Platform;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.After;
import org.junit.Test;

/** How a wait is bounded, interrupted and made asynchronous. The library's own timeout is 30 s here. */
public final class WaitTest {
    private static final Duration SHORT = Duration.ofMillis(50);

    /** Far less than the library's timeout, and far more than a busy machine needs. */
    private static final long PROMPTLY_S = 15;

    private final Hole hole = new Hole();
    private final Client client = hole.client();

    @After
    public void close() throws IOException {
        client.close();
        hole.close();
    }

    // contract: wait-bounded
    @Test
    public void a_wait_ends_in_time_and_the_request_goes_on() throws Exception {
        CountDownLatch answering = new CountDownLatch(1);
        AtomicInteger requests = new AtomicInteger();
        HttpServer server = answeringAfter(answering, requests);
        Options options = new Options().baseUrl("http://127.0.0.1:" + server.getAddress().getPort());
        try (Client slow = new Client("id", "secret", options)) {
            SmTokenException late = assertThrows(SmTokenException.class, () -> slow.authorization(SHORT));
            assertEquals(Status.TIMEOUT, late.status());
            assertTrue("retryable", late.isRetryable());
            assertTrue(late.getMessage(), late.getMessage().contains("the request goes on"));
            answering.countDown();
            assertEquals("Bearer late", slow.authorization());
            assertEquals(1, requests.get());
        } finally {
            answering.countDown();
            server.stop(0);
        }
    }

    @Test
    public void a_wait_of_nothing_returns_what_is_there() {
        try (Client real = new Client(Service.trusted())) {
            assertEquals(Status.TIMEOUT, thrown(() -> real.token(Duration.ZERO)).status());
            String authorization = real.authorization();
            assertTrue("the same", real.authorization(Duration.ZERO).equals(authorization));
            try (Token token = real.token(Duration.ZERO)) {
                assertTrue("the same", token.authorization().equals(authorization));
            }
        }
    }

    @Test
    public void a_wait_that_is_negative_or_null_is_refused_by_name() {
        assertEquals(
                "atMost is negative: PT-1S",
                assertThrows(IllegalArgumentException.class, () -> client.token(Duration.ofSeconds(-1))).getMessage());
        assertEquals(
                "atMost", assertThrows(NullPointerException.class, () -> client.authorization(null)).getMessage());
    }

    // contract: wait-interrupted
    @Test
    public void an_interrupt_ends_a_wait_and_stays_set() throws Exception {
        assertInterruptible(client::authorization);
        assertInterruptible(client::token);
    }

    @Test
    public void an_interrupt_ends_a_fetch() throws Exception {
        assertInterruptible(() -> Token.fetch("id", "secret", hole.options()));
    }

    @Test
    public void a_fetch_that_nobody_waits_for_lets_its_thread_go() throws Exception {
        CompletableFuture<Token> fetching = Token.fetchAsync("id", "secret", hole.options());
        hole.awaitRequest();
        assertTrue("it fetches", fetches() > 0);
        fetching.cancel(false);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PROMPTLY_S);
        while (fetches() > 0 && System.nanoTime() < end) {
            Thread.sleep(10);
        }
        assertEquals(0, fetches());
    }

    // contract: wait-async
    @Test
    public void ten_thousand_futures_that_wait_hold_few_threads() throws Exception {
        long before = threads();
        List<CompletableFuture<?>> waiting = new ArrayList<>();
        for (int each = 0; each < 5_000; each++) {
            waiting.add(client.authorizationAsync());
            waiting.add(client.tokenAsync());
        }
        hole.awaitRequest();
        long meanwhile = threads();
        assertTrue(before + " threads before, " + meanwhile + " while they wait", meanwhile < before + 20);
        client.shutdown();
        for (CompletableFuture<?> each : waiting) {
            assertEquals(Status.CANCELED, failure(each).status());
        }
    }

    @Test
    public void a_future_brings_the_token() throws Exception {
        try (Client real = new Client(Service.trusted())) {
            String authorization = real.authorizationAsync().get(PROMPTLY_S, TimeUnit.SECONDS);
            try (Token token = real.tokenAsync().get(PROMPTLY_S, TimeUnit.SECONDS)) {
                assertTrue("the same token", token.authorization().equals(authorization));
            }
        }
    }

    @Test
    public void what_depends_on_a_future_may_block_and_call_the_client() throws Exception {
        try (Client real = new Client(Service.trusted())) {
            CountDownLatch others = new CountDownLatch(1);
            CompletableFuture<String> blocking = real.authorizationAsync().thenApply(authorization -> {
                await(others);
                return real.authorization();
            });
            // On the library's one thread this outcome would wait behind the one that blocks.
            real.invalidate(null);
            real.tokenAsync().get(PROMPTLY_S, TimeUnit.SECONDS).close();
            others.countDown();
            assertTrue("a token", blocking.get(PROMPTLY_S, TimeUnit.SECONDS).startsWith("Bearer "));
        }
    }

    @Test
    public void a_future_fails_as_the_call_does() {
        try (Client wrong = new Client(Service.CLIENT_ID, "a wrong secret", Service.trusted())) {
            CompletionException thrown =
                    assertThrows(CompletionException.class, () -> wrong.authorizationAsync().join());
            assertEquals(Status.INVALID_CLIENT, ((SmTokenException) thrown.getCause()).status());
        }
    }

    @Test
    public void a_failure_is_thrown_where_it_is_waited_for() {
        SmTokenException failure = thrown(() -> {
            try (Client wrong = new Client(Service.CLIENT_ID, "a wrong secret", Service.trusted())) {
                wrong.token();
            }
        });
        assertTrue("this test is in the stack", Stream.of(failure.getStackTrace())
                .anyMatch(frame -> frame.getClassName().startsWith(WaitTest.class.getName())));
    }

    @Test
    public void the_log_hears_of_a_request_that_nobody_blocked_for() throws Exception {
        List<String> heard = new ArrayList<>();
        try (Client logging = new Client(Service.trusted().log(LogLevel.INFO, (level, line) -> heard.add(line)))) {
            logging.authorizationAsync().get(PROMPTLY_S, TimeUnit.SECONDS);
        }
        assertFalse("something was heard", heard.isEmpty());
    }

    @Test
    public void virtual_threads_that_wait_hold_up_no_other() throws Exception {
        assumeTrue("virtual threads came with Java 21", Runtime.version().feature() >= 21);
        int waiting = 4 * Runtime.getRuntime().availableProcessors();
        CountDownLatch left = new CountDownLatch(2 * waiting);
        for (int each = 0; each < waiting; each++) {
            startVirtual(() -> left(client::authorization, left));
            startVirtual(() -> left(() -> Token.fetch("id", "secret", hole.options()), left));
        }
        hole.awaitRequest();
        CountDownLatch ran = new CountDownLatch(100);
        for (int each = 0; each < 100; each++) {
            startVirtual(ran::countDown);
        }
        assertTrue("others run", ran.await(PROMPTLY_S, TimeUnit.SECONDS));
        assertTrue("nobody has left yet", left.getCount() > 0);
        client.shutdown();
    }

    private void assertInterruptible(Runnable waits) throws Exception {
        AtomicReference<SmTokenException> thrown = new AtomicReference<>();
        AtomicReference<Boolean> stillSet = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            thrown.set(thrown(waits));
            stillSet.set(Thread.currentThread().isInterrupted());
        });
        thread.start();
        Thread.sleep(100);
        thread.interrupt();
        thread.join(TimeUnit.SECONDS.toMillis(PROMPTLY_S));
        assertFalse("it still waits", thread.isAlive());
        assertEquals(Status.CANCELED, thrown.get().status());
        assertTrue("the interrupt is cleared", stillSet.get());
    }

    private static void left(Runnable waits, CountDownLatch left) {
        try {
            waits.run();
        } catch (SmTokenException shutDown) {
            left.countDown();
        }
    }

    /** By reflection: the tests are compiled for Java 11. */
    private static void startVirtual(Runnable task) throws ReflectiveOperationException {
        Method start = Thread.class.getMethod("startVirtualThread", Runnable.class);
        try {
            start.invoke(null, task);
        } catch (InvocationTargetException failed) {
            throw new AssertionError(failed.getCause());
        }
    }

    private static SmTokenException thrown(Runnable call) {
        return assertThrows(SmTokenException.class, call::run);
    }

    private static SmTokenException failure(CompletableFuture<?> future) {
        ExecutionException failed =
                assertThrows(ExecutionException.class, () -> future.get(PROMPTLY_S, TimeUnit.SECONDS));
        return (SmTokenException) failed.getCause();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    private static long fetches() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("sm_token fetch"))
                .count();
    }

    /** Those of the library too. */
    private static long threads() throws IOException {
        // Under wine the directory is there too, but not this process's.
        Path tasks = Path.of("/proc/self/task");
        assumeTrue("threads are counted in /proc", Files.isDirectory(tasks) && !Platform.isWindows());
        try (Stream<Path> all = Files.list(tasks)) {
            return all.count();
        }
    }

    private static HttpServer answeringAfter(CountDownLatch answering, AtomicInteger requests) throws IOException {
        byte[] body = "{\"access_token\": \"late\", \"expires_in\": 3600, \"token_type\": \"Bearer\"}"
                .getBytes(StandardCharsets.US_ASCII);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        ExecutorService threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task);
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
        server.createContext("/o/token/", exchange -> {
            requests.incrementAndGet();
            await(answering);
            exchange.sendResponseHeaders(200, body.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        });
        server.start();
        return server;
    }
}
