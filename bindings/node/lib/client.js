// A client: one token that is kept valid, and handed out without holding the event loop.
import {
    release,
    sm_client_authorization_within,
    sm_client_free,
    sm_client_invalidate,
    sm_client_invalidate_authorization,
    sm_client_new,
    sm_client_set_credentials,
    sm_client_shutdown,
    sm_client_signal_when_ready,
    sm_client_token_within,
} from "./native.js";
import { SmTokenError, Status, taken, text } from "./error.js";
import { fetcher } from "./fetcher.js";
import { withOptions } from "./options.js";
import { Token } from "./token.js";
import { Wakeup } from "./wakeup.js";

// Holds any authorization: 16 KiB and 8 bytes.
const buffer = Buffer.alloc(16 * 1024 + 8);

const NEVER_WAIT = 0;

// Frees what a client owned, when it is closed or collected.
function free({ handle, log, wakeup }) {
    sm_client_free(handle);
    if (log) release(log);
    wakeup?.close();
}
const forgotten = new FinalizationRegistry(free);

export class Client {
    #owned;
    #calls = 0;
    #closed = false;

    constructor(options = {}) {
        this.#owned = withOptions(options, (native, log) => {
            const [handle, error] = [[null], [null]];
            const id = text(options.clientId, "clientId");
            const secret = text(options.clientSecret, "clientSecret");
            const status = sm_client_new(id, secret, native, handle, error);
            if (status !== Status.OK) throw taken(status, error[0]);
            return { handle: handle[0], log, wakeup: null };
        });
        forgotten.register(this, this.#owned, this);
    }

    async token({ signal } = {}) {
        return this.#outcome(signal, (handle) => {
            const [token, error] = [[null], [null]];
            const status = sm_client_token_within(handle, NEVER_WAIT, token, error);
            if (status !== Status.OK) throw taken(status, error[0]);
            return new Token(token[0]);
        });
    }

    async authorization({ signal } = {}) {
        return this.#outcome(signal, (handle) => {
            const [length, error] = [[0], [null]];
            const status = sm_client_authorization_within(handle, NEVER_WAIT, buffer, buffer.length, length, error);
            if (status !== Status.OK) throw taken(status, error[0]);
            const written = buffer.subarray(0, Number(length[0]));
            const authorization = written.toString("utf8");
            written.fill(0);
            return authorization;
        });
    }

    fetcher(api, fetch = globalThis.fetch) {
        return fetcher(this, api, fetch);
    }

    invalidate(refused = null) {
        if (refused instanceof Token) {
            this.#use((handle) => sm_client_invalidate(handle, Token.handleOf(refused)));
        } else {
            this.#use((handle) => sm_client_invalidate_authorization(handle, text(refused, "authorization")));
        }
    }

    setCredentials(clientId, clientSecret) {
        this.#use((handle) => {
            const error = [null];
            const id = text(clientId, "clientId");
            const secret = text(clientSecret, "clientSecret");
            const status = sm_client_set_credentials(handle, id, secret, error);
            if (status !== Status.OK) throw taken(status, error[0]);
        });
    }

    shutdown() {
        if (!this.#closed) this.#use(sm_client_shutdown);
    }

    close() {
        if (this.#closed) return;
        this.shutdown();
        this.#closed = true;
        this.#freeWhenUnused();
    }

    // What `look` returns, as soon as it fails no more for want of an answer.
    async #outcome(signal, look) {
        for (;;) {
            signal?.throwIfAborted();
            try {
                return this.#use(look);
            } catch (error) {
                if (!isUnderWay(error)) throw error;
            }
            await unlessAborted(signal, this.#signaled());
        }
    }

    #signaled() {
        return this.#use((handle) => {
            this.#owned.wakeup ??= new Wakeup();
            return this.#owned.wakeup.wait((descriptor) => {
                const error = [null];
                const status = sm_client_signal_when_ready(handle, descriptor, error);
                if (status !== Status.OK) throw taken(status, error[0]);
            });
        });
    }

    // A log handler may close the client that calls it: the handle is freed once no call is under way.
    #use(call) {
        if (this.#closed) throw new SmTokenError(Status.CANCELED, "the client is closed");
        this.#calls++;
        try {
            return call(this.#owned.handle);
        } finally {
            this.#calls--;
            if (this.#closed) this.#freeWhenUnused();
        }
    }

    #freeWhenUnused() {
        if (this.#calls > 0 || !this.#owned) return;
        forgotten.unregister(this);
        free(this.#owned);
        this.#owned = null;
    }
}

// Where the server is still asked, a wait of 0 ends so; a remembered failure says for how long.
function isUnderWay(error) {
    return error.status === Status.TIMEOUT && error.retryAfterMs === null;
}

// Follows the promise, unless the signal comes first.
function unlessAborted(signal, promise) {
    if (!signal) return promise;
    return new Promise((resolve, reject) => {
        const abort = () => reject(signal.reason);
        signal.addEventListener("abort", abort, { once: true });
        promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
    });
}
