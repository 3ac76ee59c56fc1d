// The real server, as the environment describes it, and a server that says nothing.
import http from "node:http";
import net from "node:net";

export const { SMX_CLIENT_ID, SMX_CLIENT_SECRET, SMX_BASE_URL, SM_TOKEN_CA_FILE } = process.env;
export const { SM_TOKEN_ODD_CLIENT_ID, SM_TOKEN_ODD_CLIENT_SECRET, SM_TOKEN_CONTROL_URL } = process.env;

export const trusted = { caFile: SM_TOKEN_CA_FILE };
export const wrong = { ...trusted, clientId: SMX_CLIENT_ID, clientSecret: "a wrong secret" };

export async function control(method, path, body) {
    const answer = await fetch(SM_TOKEN_CONTROL_URL + path, { method, body: body && JSON.stringify(body) });
    return answer.json();
}

// How many token requests the server answers while the action runs.
export async function requests(action) {
    const before = (await control("GET", "/counts")).token_requests;
    await action();
    return (await control("GET", "/counts")).token_requests - before;
}

// Options that lead to a server which accepts connections and never answers; it ends with the test.
export async function hole(test) {
    const connections = [];
    const server = net.createServer((connection) => {
        connections.push(connection);
        connection.on("error", () => {});
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    test.after(() => {
        for (const connection of connections) connection.destroy();
        server.close();
    });
    return { baseUrl: `http://127.0.0.1:${server.address().port}`, maxRetries: 0 };
}

// The base URL of a server that hands out this token; it ends with the test.
export async function handingOut(test, token) {
    const body = JSON.stringify({ access_token: token, expires_in: 3600, token_type: "Bearer" });
    const server = http.createServer((_, answer) => answer.setHeader("Content-Type", "application/json").end(body));
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    test.after(() => server.close());
    return `http://127.0.0.1:${server.address().port}`;
}
