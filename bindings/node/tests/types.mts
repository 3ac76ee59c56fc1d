// A program that only has to compile: the package's types in use.
import { Client, SmTokenError, Status, Token, checkSync, fetchToken, libraryVersion } from "../index.js";

const client = new Client({ scope: "read", timeoutMs: 5_000, log: (level, message) => console.log(level, message) });
const token: Token = await fetchToken({ caFile: process.env.SM_TOKEN_CA_FILE ?? null }, { signal: new AbortController().signal });
const left: number = token.expiresInMs;
const expires: Date = token.expiresAt;
const api: typeof fetch = client.fetcher(new URL("https://api.standardmetrics.io"));

try {
    await api("https://api.standardmetrics.io/v1/companies/");
} catch (error) {
    if (error instanceof SmTokenError && error.status === Status.CANCELED) {
        const wait: number | null = error.retryAfterMs;
        console.log(wait, left, expires, libraryVersion());
    }
}

const { steps, error: wrong } = checkSync({ timeoutMs: 5_000 });
const names: string[] = steps.filter((step) => step.verdict === "wrong").map((step) => step.name);
console.log(names, wrong?.code);

// @ts-expect-error: a token comes from a client.
new Token();
// @ts-expect-error: there is no such option.
new Client({ timeout: 1 });

declare const process: { env: Record<string, string | undefined> };
declare const console: { log(...values: unknown[]): void };
