import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { Status, checkSync } from "sm-token";
import * as service from "./service.js";

const STEPS = ["credentials", "base URL", "proxy", "name", "connection", "TLS", "certificate", "clock", "answer"];

const names = (steps) => steps.map((step) => step.name);
const verdicts = (steps) => steps.map((step) => step.verdict);

// contract: check
test("every step to the server is right", () => {
    const { steps, error } = checkSync(service.trusted);
    assert.deepEqual(names(steps), STEPS);
    assert.deepEqual(verdicts(steps), Array(9).fill("ok"), inspect(steps));
    assert.equal(error, null);
    assert.match(steps[5].text, /TLS 1\.3/);
});

test("a refused secret is the answer's, and is not shown", () => {
    const report = checkSync(service.wrong);
    assert.deepEqual(names(report.steps), STEPS);
    assert.deepEqual(names(report.steps.filter((step) => step.verdict === "wrong")), ["answer"]);
    assert.notEqual(report.steps[8].advice, "");
    assert.equal(report.error.status, Status.INVALID_CLIENT);
    assert.doesNotMatch(inspect(report, { depth: 9 }) + JSON.stringify(report), /a wrong secret/);
});

test("a step that is not reached is unknown", () => {
    const { steps, error } = checkSync({ ...service.trusted, clientId: "one" });
    assert.deepEqual(verdicts(steps), ["wrong", ...Array(8).fill("unknown")]);
    assert.equal(error.code, "INVALID_ARGUMENT");
    assert.throws(() => checkSync({ timeoutMs: 0 }), { code: "INVALID_ARGUMENT" });
    assert.throws(() => checkSync({ clientId: 7 }), { code: "INVALID_ARGUMENT" });
});

// Koffi has room for some thousands of callbacks.
test("a check leaves no callback behind, and a log handler that throws stops nothing", (t) => {
    const messages = [];
    const log = (level, message) => {
        messages.push(message);
        throw new Error("the handler's own");
    };
    t.mock.method(process, "emitWarning", () => {});
    const { steps, error } = checkSync({ ...service.trusted, log, logLevel: "debug" });
    assert.deepEqual(verdicts(steps), Array(9).fill("ok"));
    assert.equal(error, null);
    assert.notEqual(messages.length, 0);
    for (let i = 0; i < 10_000; i++) checkSync({ clientId: "one", log });
});
