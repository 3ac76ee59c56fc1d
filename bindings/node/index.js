// Access tokens for the Standard Metrics API.
import { Client } from "./lib/client.js";
import { sm_version } from "./lib/native.js";

export { checkSync } from "./lib/check.js";
export { SmTokenError, Status } from "./lib/error.js";
export { Token } from "./lib/token.js";
export { Client };

// One token; a program that needs more than one keeps a client.
export async function fetchToken(options = {}, { signal } = {}) {
    const client = new Client(options);
    try {
        return await client.token({ signal });
    } finally {
        client.close();
    }
}

export function libraryVersion() {
    return sm_version();
}
