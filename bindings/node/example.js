// Fetches an access token and shows what came with it, the token itself masked.
//
// The credentials come from SMX_CLIENT_ID and SMX_CLIENT_SECRET, the service from SMX_BASE_URL where
// it is set: the library reads all three. SM_TOKEN_CA_FILE is this program's own.
import { fetchToken } from "sm-token";

try {
    const token = await fetchToken({ caFile: process.env.SM_TOKEN_CA_FILE });
    const text = token.accessToken;
    console.log(`  type     ${token.type}`);
    console.log(`  scope    ${token.scope}`);
    console.log(`  expires  in ${token.expiresInMs / 1000} seconds`);
    console.log(`  token    ${text.slice(0, 4)}... (${text.length} characters)`);
    token.close();
} catch (error) {
    console.error(`no token: ${error.message}`);
    process.exitCode = 1;
}
