package io.standardmetrics.smtoken;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;

/**
 * Where a call of the library writes what it hands out: one piece of native memory, which is wiped and freed when
 * the call is over, and not at some time by the collector.
 */
final class Out implements AutoCloseable {
    private static final int ERROR = 0;
    private static final int HANDLE = 8;
    private static final int TEXT = 16;

    private final Memory memory;

    /** With room for a handle. */
    Out() {
        this(0);
    }

    /** With room for a text of so many bytes. */
    Out(int capacity) {
        memory = new Memory(TEXT + (long) capacity);
        memory.clear(TEXT);
    }

    Pointer errorSlot() {
        return memory.share(ERROR);
    }

    Pointer handleSlot() {
        return memory.share(HANDLE);
    }

    Pointer textSlot() {
        return memory.share(TEXT);
    }

    Pointer error() {
        return memory.getPointer(ERROR);
    }

    Pointer handle() {
        return memory.getPointer(HANDLE);
    }

    String text() {
        return memory.getString(TEXT, "UTF-8");
    }

    @Override
    public void close() {
        memory.clear();
        memory.close();
    }
}
