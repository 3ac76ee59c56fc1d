// A token: its handle, and what can be read of it.
import { inspect } from "node:util";
import {
    sm_token_access_token,
    sm_token_authorization,
    sm_token_expires_at,
    sm_token_expires_in,
    sm_token_free,
    sm_token_scope,
    sm_token_type,
} from "./native.js";
import { refused } from "./error.js";

const forgotten = new FinalizationRegistry(sm_token_free);

export class Token {
    #handle;

    constructor(handle) {
        this.#handle = handle;
        forgotten.register(this, handle, this);
    }

    // For the client alone: the handle, which must not outlive the call that it is for.
    static handleOf(token) {
        if (token.#handle === null) throw refused("the token is closed");
        return token.#handle;
    }

    get accessToken() {
        return sm_token_access_token(Token.handleOf(this));
    }

    get authorization() {
        return sm_token_authorization(Token.handleOf(this));
    }

    get type() {
        return sm_token_type(Token.handleOf(this));
    }

    get scope() {
        return sm_token_scope(Token.handleOf(this));
    }

    get expiresAt() {
        return new Date(Number(sm_token_expires_at(Token.handleOf(this))) * 1000);
    }

    get expiresInMs() {
        return Number(sm_token_expires_in(Token.handleOf(this))) * 1000;
    }

    close() {
        if (this.#handle === null) return;
        forgotten.unregister(this);
        sm_token_free(this.#handle);
        this.#handle = null;
    }

    toJSON() {
        return "Token";
    }

    [inspect.custom]() {
        return "Token {}";
    }
}
