import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { inspect } from "node:util";
import { SmTokenError, Status, fetchToken, libraryVersion } from "sm-token";
import * as service from "./service.js";

async function failure(options) {
    try {
        (await fetchToken(options)).close();
    } catch (error) {
        assert.ok(error instanceof SmTokenError, inspect(error));
        return error;
    }
    return assert.fail("it brought a token");
}

// contract: token expiry environment
test("a fetch gives what the server said", async () => {
    const token = await fetchToken(service.trusted);
    assert.match(token.accessToken, /^[A-Za-z0-9]{30}$/);
    assert.equal(token.authorization, `Bearer ${token.accessToken}`);
    assert.equal(token.type, "Bearer");
    assert.equal(token.scope, "all read write");
    assert.ok(token.expiresInMs > 3_500_000 && token.expiresInMs <= 3_600_000, `${token.expiresInMs}`);
    assert.ok(Math.abs(token.expiresAt - Date.now() - token.expiresInMs) < 2_000);
    assert.doesNotMatch(inspect(token) + JSON.stringify(token) + String(token), /[A-Za-z0-9]{30}/);
    token.close();
    assert.throws(() => token.accessToken, { code: "INVALID_ARGUMENT" });
});

// contract: odd-text
test("credentials with reserved and accented characters bring a token", async () => {
    const { SM_TOKEN_ODD_CLIENT_ID: clientId, SM_TOKEN_ODD_CLIENT_SECRET: clientSecret } = service;
    (await fetchToken({ ...service.trusted, clientId, clientSecret })).close();
});

// contract: half-credentials
test("one credential without the other is a bad argument", async () => {
    for (const half of [{ clientId: "one" }, { clientSecret: "one", clientId: null }]) {
        assert.equal((await failure({ ...service.trusted, ...half })).status, Status.INVALID_ARGUMENT);
    }
});

// contract: not-text
test("text that C can't take whole is refused", async () => {
    for (const clientId of ["cut\0off", "half \ud800", 7]) {
        const error = await failure({ ...service.wrong, clientId });
        assert.equal(error.code, "INVALID_ARGUMENT");
        assert.match(error.message, /^clientId /);
    }
});

// contract: option-sent
test("the scope that is asked for is granted", async () => {
    const token = await fetchToken({ ...service.trusted, scope: "read" });
    assert.equal(token.scope, "read");
    token.close();
});

// contract: option-reason
test("a refused option says why in the library's words", async () => {
    const error = await failure({ baseUrl: "https://example.com/?query" });
    assert.equal(error.status, Status.INVALID_ARGUMENT);
    assert.match(error.message, /base URL/);
    assert.match((await failure({ timeoutMs: 0 })).message, /timeout/);
    assert.match((await failure({ maxRetries: 101 })).message, /100/);
    assert.match((await failure({ time: 1 })).message, /there is no option time/);
});

// contract: number-range
test("a number that C can't hold is refused", async () => {
    for (const timeoutMs of [-1, 2 ** 32, 2 ** 32 + 1000, 0.5, Number.NaN, "7"]) {
        assert.match((await failure({ timeoutMs })).message, /^timeoutMs is not a whole number/);
    }
});

// contract: refused refused-fields no-secret
test("a refused secret says what to do and shows no secret", async () => {
    const error = await failure(service.wrong);
    assert.equal(error.status, Status.INVALID_CLIENT);
    assert.equal(error.code, "INVALID_CLIENT");
    assert.match(error.message, /check client_id and client_secret/);
    assert.deepEqual([error.httpStatus, error.oauthCode, error.retryable], [401, "invalid_client", false]);
    assert.ok(error.retryAfterMs > 0 && error.retryAfterMs <= 60_000, `${error.retryAfterMs}`);
    assert.doesNotMatch(inspect(error) + JSON.stringify(error) + error.stack, /a wrong secret/);
});

// contract: insecure-url
test("http to another machine is refused", async () => {
    assert.equal((await failure({ baseUrl: "http://example.com" })).status, Status.INSECURE_URL);
});

// contract: trust-roots
test("a missing CA file is named", async () => {
    const error = await failure({ caFile: "/no/such/ca.pem" });
    assert.equal(error.status, Status.NO_TRUST_ROOTS);
    assert.match(error.message, /\/no\/such\/ca\.pem/);
});

// contract: version
test("the version is the package's", async () => {
    const { default: manifest } = await import("../package.json", { with: { type: "json" } });
    assert.equal(libraryVersion(), manifest.version);
});

test("the library has the platform's name", () => {
    for (const [platform, name] of [
        ["win32", "sm_token.dll"],
        ["darwin", "libsm_token.0.dylib"],
        ["linux", "libsm_token.so.0"],
    ]) {
        const program = `import("koffi").then(({ default: koffi }) => {
                Object.defineProperty(process, "platform", { value: "${platform}" });
                koffi.load = (name) => { console.log(name); process.exit(0); };
                return import("./lib/native.js");
            });`;
        const said = execFileSync(process.execPath, ["--eval", program], { cwd: `${import.meta.dirname}/..` });
        assert.equal(String(said).trim(), name);
    }
});
