import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { Client, Status } from "sm-token";
import * as service from "./service.js";

function client(test, options = service.trusted) {
    const made = new Client(options);
    test.after(() => made.close());
    return made;
}

async function failure(promise) {
    try {
        await promise;
    } catch (error) {
        return error;
    }
    return assert.fail("it did not fail");
}

// contract: cached
test("a hundred callers get one token by one request", async (t) => {
    const kept = client(t);
    const asked = await service.requests(async () => {
        const all = await Promise.all(Array.from({ length: 100 }, () => kept.authorization()));
        assert.equal(new Set(all).size, 1);
        assert.equal((await kept.token()).authorization, all[0]);
    });
    assert.equal(asked, 1);
});

// contract: authorization-whole
test("an authorization of any length is whole", async (t) => {
    for (const length of [16, 1024, 16 * 1024]) {
        const expected = "t".repeat(length);
        const baseUrl = await service.handingOut(t, expected);
        const authorization = await client(t, { baseUrl }).authorization();
        assert.equal(authorization, `Bearer ${expected}`);
    }
});

// contract: invalidate invalidate-old invalidate-all
test("an invalidated token is replaced, and an old one invalidates nothing", async (t) => {
    const kept = client(t);
    const first = await kept.token();
    kept.invalidate(first);
    const second = await kept.authorization();
    assert.notEqual(second, first.authorization);
    kept.invalidate(first);
    kept.invalidate(first.authorization);
    assert.equal(await kept.authorization(), second);

    const other = client(t);
    const before = await other.authorization();
    other.invalidate();
    assert.notEqual(await other.authorization(), before);
});

// contract: remembered
test("a refusal is remembered, and says for how long", async (t) => {
    const kept = client(t, service.wrong);
    const asked = await service.requests(async () => {
        await failure(kept.token());
        const { status, retryAfterMs } = await failure(kept.token());
        assert.equal(status, Status.INVALID_CLIENT);
        assert.ok(retryAfterMs > 0 && retryAfterMs <= 60_000, `${retryAfterMs}`);
    });
    assert.equal(asked, 1);
});

// contract: shutdown
test("a closed client refuses, and ends what waits", async (t) => {
    for (const end of ["shutdown", "close"]) {
        const kept = client(t, await service.hole(t));
        const waiting = failure(kept.token());
        await new Promise((resolve) => setTimeout(resolve, 50));
        kept[end]();
        assert.equal((await waiting).status, Status.CANCELED);
        assert.equal((await failure(kept.authorization())).status, Status.CANCELED);
        if (end === "shutdown") kept.invalidate();
    }
});

// contract: log log-no-secret log-raises
test("the log gets events from its level on, and what it throws costs no token", async (t) => {
    const events = [];
    const warned = new Promise((resolve) => process.once("warning", resolve));
    const log = (level, message) => {
        events.push([level, message]);
        throw new Error("the handler's own");
    };
    const kept = client(t, { ...service.trusted, log, logLevel: "info" });
    const authorization = await kept.authorization();
    kept.invalidate();
    await kept.authorization();
    assert.ok(events.some(([level]) => level === "info"), JSON.stringify(events));
    assert.ok(events.every(([level]) => level !== "debug"));
    assert.ok(!JSON.stringify(events).includes(authorization.slice("Bearer ".length)));
    assert.match((await warned).message, /the handler's own/);
});

test("credentials come from files, and can be replaced", async (t) => {
    const directory = await mkdtemp(path.join(tmpdir(), "sm-token-"));
    t.after(() => rm(directory, { recursive: true }));
    const [clientIdFile, clientSecretFile] = ["id", "secret"].map((name) => path.join(directory, name));
    await writeFile(clientIdFile, `${service.SMX_CLIENT_ID}\n`);
    await writeFile(clientSecretFile, `${service.SMX_CLIENT_SECRET}\n`);
    await client(t, { ...service.trusted, clientIdFile, clientSecretFile }).authorization();
    assert.throws(() => new Client({ clientIdFile }), { code: "INVALID_ARGUMENT" });

    const kept = client(t, service.wrong);
    assert.equal((await failure(kept.token())).code, "INVALID_CLIENT");
    kept.setCredentials(service.SMX_CLIENT_ID, service.SMX_CLIENT_SECRET);
    await kept.authorization();
    assert.throws(() => kept.setCredentials("one", null), { code: "INVALID_ARGUMENT" });
});

test("a log handler may close its client", async () => {
    let heard = 0;
    const log = () => {
        heard++;
        kept.close();
    };
    const kept = new Client({ ...service.wrong, log, logLevel: "debug" });
    await failure(kept.authorization());
    assert.ok(heard > 0);
    assert.equal((await failure(kept.authorization())).status, Status.CANCELED);
});

// contract: wait-async
test("a thousand waits hold neither the loop nor a thread of the pool", async (t) => {
    const kept = client(t, { ...(await service.hole(t)), timeoutMs: 60_000 });
    const threads = async () => {
        // Windows tells nobody without a library; under wine the file is there, but not this process's.
        if (process.platform === "win32") return 0;
        return Number(/^Threads:\s+(\d+)/m.exec(await readFile("/proc/self/status", "utf8"))[1]);
    };
    const before = await threads();
    const waits = Array.from({ length: 1000 }, () => failure(kept.authorization()));
    // Were the pool full, this would wait for the server.
    let turns = 0;
    const ticking = setInterval(() => turns++, 5);
    for (let read = 0; read < 20; read++) await readFile("package.json");
    await new Promise((resolve) => setTimeout(resolve, 300));
    clearInterval(ticking);
    const during = await threads();
    const timers = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    kept.shutdown();
    for (const error of await Promise.all(waits)) assert.equal(error.status, Status.CANCELED);
    assert.ok(turns >= 10, `${turns} turns`);
    assert.ok(during - before <= 8, `${during - before} more threads`);
    assert.ok(timers <= 8, `${timers} timers`);
});

// contract: wait-interrupted
test("a signal ends a wait, and only that one", async (t) => {
    const kept = client(t, { ...(await service.hole(t)), timeoutMs: 3_000 });
    const other = failure(kept.authorization());
    const reason = await failure(kept.authorization({ signal: AbortSignal.timeout(50) }));
    assert.equal(reason.name, "TimeoutError");
    assert.equal(await failure(kept.authorization({ signal: AbortSignal.abort("gone") })), "gone");
    assert.equal((await other).status, Status.TIMEOUT);
});

// contract: wait-bounded
test("a wait has a bound of its own, and the request goes on", async (t) => {
    await service.control("POST", "/settings", { delay_ms: 500 });
    t.after(() => service.control("POST", "/settings", { delay_ms: 0 }));
    const kept = client(t);
    const asked = await service.requests(async () => {
        const reason = await failure(kept.authorization({ signal: AbortSignal.timeout(50) }));
        assert.equal(reason.name, "TimeoutError");
        (await kept.token()).close();
    });
    assert.equal(asked, 1);
});

test("a worker that ends while it waits ends nothing else", async (t) => {
    const { baseUrl } = await service.hole(t);
    const program = `import("${new URL("../index.js", import.meta.url)}").then(({ Client }) => {
        const kept = new Client({ baseUrl: "${baseUrl}" });
        kept.authorization().catch(() => {});
        require("node:worker_threads").parentPort.postMessage("waiting");
    });`;
    const waiting = new Worker(program, { eval: true });
    await new Promise((resolve, reject) => waiting.once("message", resolve).once("error", reject));
    await waiting.terminate();
});
