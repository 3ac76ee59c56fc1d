package io.standardmetrics.smtoken;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.sun.jna.Pointer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.Test;

/** Any address will do: these handles are freed by counting. */
public final class HandleTest {
    private final AtomicInteger frees = new AtomicInteger();

    // contract: freed
    @Test
    public void a_handle_is_freed_once() {
        Handle handle = counted();
        handle.close();
        handle.close();
        assertEquals(1, frees.get());
    }

    @Test
    public void a_handle_is_not_freed_under_a_call() {
        Handle handle = counted();
        int freed = handle.with(pointer -> {
            handle.close();
            return frees.get();
        });
        assertEquals(0, freed);
    }

    @Test
    public void a_handle_is_freed_after_the_last_call_on_it() {
        Handle handle = counted();
        handle.with(pointer -> {
            handle.close();
            return null;
        });
        assertEquals(1, frees.get());
    }

    @Test
    public void a_closed_handle_takes_no_call() {
        Handle handle = counted();
        handle.close();
        assertThrows(IllegalStateException.class, () -> handle.with(pointer -> null));
    }

    @Test
    public void a_handle_that_nobody_closes_is_freed_once_it_is_collected() throws InterruptedException {
        CountDownLatch freed = new CountDownLatch(1);
        new Handle("thing", Pointer.createConstant(1), pointer -> freed.countDown(), null);
        boolean gone = false;
        for (int round = 0; round < 100 && !gone; round++) {
            System.gc();
            gone = freed.await(100, TimeUnit.MILLISECONDS);
        }
        assertTrue("never freed", gone);
    }

    private Handle counted() {
        return new Handle("thing", Pointer.createConstant(1), pointer -> frees.incrementAndGet(), null);
    }
}
