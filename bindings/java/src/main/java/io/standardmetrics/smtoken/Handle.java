package io.standardmetrics.smtoken;

import com.sun.jna.Pointer;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A handle of the C library: freed once, after the last call on it, by close() or, where that was
 * forgotten, when it is collected.
 */
final class Handle implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();

    private final String name;
    private final Pointer pointer;
    private final Cleaner.Cleanable freeing;
    private int calls;
    private boolean closed;

    /** Keeps `needed`, which native code may call, until the handle is freed. */
    Handle(String name, Pointer pointer, Consumer<Pointer> free, Object needed) {
        this.name = name;
        this.pointer = pointer;
        // It must not hold this object, or that would never be collected.
        freeing = CLEANER.register(this, () -> {
            free.accept(pointer);
            Reference.reachabilityFence(needed);
        });
    }

    /** Makes a call, while which nobody can free the handle. */
    <R> R with(Function<Pointer, R> call) {
        enter();
        try {
            return call.apply(pointer);
        } finally {
            leave();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        freeIfUnused();
    }

    private synchronized void enter() {
        if (closed) {
            throw new IllegalStateException("this " + name + " is closed");
        }
        calls++;
    }

    private synchronized void leave() {
        calls--;
        freeIfUnused();
    }

    private void freeIfUnused() {
        if (closed && calls == 0) {
            freeing.clean();
        }
    }
}
