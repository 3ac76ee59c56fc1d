import assert from "node:assert/strict";
import http from "node:http";
import { test } from "node:test";
import { Client, Status } from "sm-token";
import * as service from "./service.js";

const COMPANIES = `${service.SMX_BASE_URL}/v1/companies/`;

async function api(test) {
    const client = new Client(service.trusted);
    test.after(() => client.close());
    return client.fetcher(service.SMX_BASE_URL);
}

test("a request has the token", async (t) => {
    const fetch = await api(t);
    assert.equal((await fetch(COMPANIES)).status, 200);
    assert.equal((await fetch(new Request(COMPANIES))).status, 200);
});

test("a refused token is replaced, and the body is sent again whole", async (t) => {
    const fetch = await api(t);
    await fetch(COMPANIES);
    await service.control("POST", "/revoke_all");
    const asked = await service.requests(async () => {
        const answer = await fetch(COMPANIES, { method: "POST", body: "x".repeat(100_000) });
        assert.equal(answer.status, 201);
        assert.deepEqual(await answer.json(), { received_bytes: 100_000 });
    });
    assert.equal(asked, 1);
});

test("a body that is a stream is sent once", async (t) => {
    const fetch = await api(t);
    await fetch(COMPANIES);
    await service.control("POST", "/revoke_all");
    const body = new Blob(["once"]).stream();
    assert.equal((await fetch(COMPANIES, { method: "POST", body, duplex: "half" })).status, 401);
    assert.equal((await fetch(COMPANIES)).status, 200);
});

test("another host gets no token", async (t) => {
    const seen = [];
    const other = http.createServer((request, answer) => {
        seen.push(request.headers.authorization);
        answer.end();
    });
    await new Promise((resolve) => other.listen(0, "127.0.0.1", resolve));
    t.after(() => other.close());
    const fetch = await api(t);
    await (await fetch(`http://127.0.0.1:${other.address().port}/`)).text();
    assert.deepEqual(seen, [undefined]);
});

test("an API by http on another machine is refused", () => {
    const client = new Client({ clientId: "id", clientSecret: "secret" });
    assert.throws(() => client.fetcher("http://example.com"), { status: Status.INSECURE_URL });
    assert.throws(() => client.fetcher("no URL"), { status: Status.INVALID_ARGUMENT });
    client.close();
});
