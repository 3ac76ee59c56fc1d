// Lets the event loop wait for the library without a thread: the library writes to a pipe that Node reads, or, on
// Windows, sets an event that Node looks at.
import fs from "node:fs";
import net from "node:net";
import koffi from "koffi";

const POLL_INTERVAL_MS = 10;
const F_SETFD = 2;
const FD_CLOEXEC = 1;
const WAIT_OBJECT_0 = 0;

// Those who wait, all woken by the next signal, which may come early: who wakes up has to look again.
class Waiters {
    #resolves = new Set();

    add() {
        return new Promise((resolve) => this.#resolves.add(resolve));
    }

    wake() {
        for (const resolve of this.#resolves) resolve();
        this.#resolves.clear();
    }
}

class PipeWakeup {
    #socket;
    #descriptor;
    #waiters = new Waiters();

    constructor() {
        const ends = [-1, -1];
        if (posix().pipe(ends) !== 0) throw new Error("the process can't open a pipe");
        for (const end of ends) posix().fcntl(end, F_SETFD, "int", FD_CLOEXEC);
        this.#descriptor = ends[1];
        this.#socket = new net.Socket({ fd: ends[0], readable: true, writable: false });
        this.#socket.on("data", () => this.wake());
        this.#socket.unref();
    }

    // `start` is given the descriptor to signal.
    wait(start) {
        start(this.#descriptor);
        this.#socket.ref(); // The process goes on as long as somebody waits.
        return this.#waiters.add();
    }

    wake() {
        this.#socket.unref();
        this.#waiters.wake();
    }

    close() {
        this.wake();
        this.#socket.destroy();
        fs.closeSync(this.#descriptor);
    }
}

// Windows has no descriptor that both sides know. One timer looks for all who wait.
class EventWakeup {
    #event;
    #timer = null;
    #waiters = new Waiters();

    constructor() {
        // It resets itself, and is not set.
        this.#event = kernel32().CreateEventW(null, 0, 0, null);
        if (!this.#event) throw new Error("the process can't make an event object");
    }

    // `start` is given the handle to signal.
    wait(start) {
        start(this.#event);
        this.#timer ??= setInterval(() => this.#look(), POLL_INTERVAL_MS);
        return this.#waiters.add();
    }

    #look() {
        if (kernel32().WaitForSingleObject(this.#event, 0) === WAIT_OBJECT_0) this.wake();
    }

    wake() {
        clearInterval(this.#timer);
        this.#timer = null;
        this.#waiters.wake();
    }

    close() {
        this.wake();
        kernel32().CloseHandle(this.#event);
    }
}

let functions;

function posix() {
    if (!functions) {
        const process = koffi.load(null);
        functions = {
            pipe: process.func("int pipe(_Out_ int *ends)"),
            fcntl: process.func("int fcntl(int descriptor, int command, ...)"),
        };
    }
    return functions;
}

function kernel32() {
    if (!functions) {
        const library = koffi.load("kernel32.dll");
        functions = {
            CreateEventW: library.func("intptr_t __stdcall CreateEventW(void *attributes, int manual, int set, void *name)"),
            WaitForSingleObject: library.func("uint32_t __stdcall WaitForSingleObject(intptr_t object, uint32_t milliseconds)"),
            CloseHandle: library.func("int __stdcall CloseHandle(intptr_t object)"),
        };
    }
    return functions;
}

export const Wakeup = process.platform === "win32" ? EventWakeup : PipeWakeup;
