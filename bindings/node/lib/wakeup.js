// Lets the event loop wait for the library without a thread: the library writes to a pipe that Node reads.
import fs from "node:fs";
import net from "node:net";
import koffi from "koffi";

const POLL_INTERVAL_MS = 10;
const F_SETFD = 2;
const FD_CLOEXEC = 1;

// Resolves every waiting promise at the next signal, which may come early: who wakes up has to look again.
class PipeWakeup {
    #socket;
    #descriptor;
    #waiting = new Set();

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
        return new Promise((resolve) => this.#waiting.add(resolve));
    }

    wake() {
        this.#socket.unref();
        for (const resolve of this.#waiting) resolve();
        this.#waiting.clear();
    }

    close() {
        this.wake();
        this.#socket.destroy();
        fs.closeSync(this.#descriptor);
    }
}

// Windows has no descriptor that both sides know.
class TimerWakeup {
    wait() {
        return new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
    }

    close() {}
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

export const Wakeup = process.platform === "win32" ? TimerWakeup : PipeWakeup;
