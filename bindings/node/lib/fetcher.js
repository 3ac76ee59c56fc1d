// A `fetch` that adds the current token to requests for one API, and replaces a token that the API refuses.
import { SmTokenError, Status, refused } from "./error.js";

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

export function fetcher(client, api, fetch) {
    const { origin, protocol, hostname } = parsed(api);
    if (protocol !== "https:" && !(protocol === "http:" && LOOPBACK.test(hostname))) {
        throw new SmTokenError(
            Status.INSECURE_URL,
            `${protocol} to ${hostname} would show the token to the network; give an https: URL`,
        );
    }

    return async function authorizedFetch(input, init = {}) {
        // A request's body can be read once: what is sent first is a copy of it.
        const request = new Request(input, init);
        if (new URL(request.url).origin !== origin) return fetch(request);

        const isRepeatable = !(init.body instanceof ReadableStream || isStream(init.body));
        const again = isRepeatable ? request.clone() : null;
        const authorization = await client.authorization({ signal: request.signal });
        const answer = await fetch(authorized(request, authorization));
        if (answer.status !== 401) return answer;

        client.invalidate(authorization);
        if (again === null) return answer;
        const another = await client.authorization({ signal: request.signal });
        // An API that refuses every token: the client spreads its requests for new ones out.
        if (another === authorization) return answer;
        await answer.body?.cancel();
        return fetch(authorized(again, another));
    };
}

function authorized(request, authorization) {
    request.headers.set("authorization", authorization);
    return request;
}

function isStream(body) {
    return typeof body?.[Symbol.asyncIterator] === "function";
}

function parsed(api) {
    try {
        return new URL(api);
    } catch {
        throw refused("the API's URL is malformed");
    }
}
