// The options of a client, from an object to the library's handle.
import {
    register,
    release,
    sm_options_free,
    sm_options_message,
    sm_options_new,
    sm_options_set_base_url,
    sm_options_set_ca_file,
    sm_options_set_connect_timeout_ms,
    sm_options_set_credential_files,
    sm_options_set_log,
    sm_options_set_max_retries,
    sm_options_set_proxy,
    sm_options_set_scope,
    sm_options_set_timeout_ms,
    sm_options_set_trust,
    sm_options_set_user_agent,
} from "./native.js";
import { SmTokenError, Status, refused, text } from "./error.js";

const TEXTS = {
    baseUrl: sm_options_set_base_url,
    scope: sm_options_set_scope,
    userAgent: sm_options_set_user_agent,
    proxy: sm_options_set_proxy,
    caFile: sm_options_set_ca_file,
};
const NUMBERS = {
    timeoutMs: sm_options_set_timeout_ms,
    connectTimeoutMs: sm_options_set_connect_timeout_ms,
    maxRetries: sm_options_set_max_retries,
};
const TRUST = ["system", "bundled"];
const LEVELS = ["off", "error", "warn", "info", "debug"];

const OTHERS = ["clientId", "clientSecret", "clientIdFile", "clientSecretFile", "trust", "log", "logLevel"];
const KNOWN = new Set([...OTHERS, ...Object.keys(TEXTS), ...Object.keys(NUMBERS)]);
const LARGEST = 2 ** 32 - 1;

// Calls `use(handle, log)` with the options as the library takes them; `log` is the registered handler,
// which `use` has to keep as long as what took the options, or null. A failure takes it back.
export function withOptions(options, use) {
    const handle = sm_options_new();
    let log = null;
    try {
        for (const name of Object.keys(options)) {
            if (!KNOWN.has(name)) throw refused(`there is no option ${name}`);
        }
        const set = (status) => {
            if (status !== Status.OK) throw new SmTokenError(status, sm_options_message(handle));
        };
        for (const [name, setter] of Object.entries(TEXTS)) {
            if (isGiven(options[name])) set(setter(handle, text(options[name], name)));
        }
        const idFile = text(options.clientIdFile, "clientIdFile");
        const secretFile = text(options.clientSecretFile, "clientSecretFile");
        if (idFile !== null || secretFile !== null) set(sm_options_set_credential_files(handle, idFile, secretFile));
        for (const [name, setter] of Object.entries(NUMBERS)) {
            if (isGiven(options[name])) set(setter(handle, number(options[name], name)));
        }
        if (isGiven(options.trust)) set(sm_options_set_trust(handle, one(TRUST, options.trust, "trust")));
        if (isGiven(options.log)) {
            const level = one(LEVELS, options.logLevel ?? "info", "logLevel");
            log = register(handler(options.log), "sm_log_fn");
            set(sm_options_set_log(handle, log, null, level));
        }
        return use(handle, log);
    } catch (error) {
        if (log) release(log);
        throw error;
    } finally {
        sm_options_free(handle);
    }
}

function isGiven(value) {
    return value !== undefined && value !== null;
}

function number(value, name) {
    if (!Number.isInteger(value) || value < 0 || value > LARGEST) {
        throw refused(`${name} is not a whole number from 0 to ${LARGEST}`);
    }
    return value;
}

function one(names, value, name) {
    const at = names.indexOf(value);
    if (at < 0) throw refused(`${name} is none of ${names.join(", ")}`);
    return at;
}

// The library can't take an exception, and no token is lost because of one: Node reports it as a warning.
function handler(log) {
    if (typeof log !== "function") throw refused("log is not a function");
    return (_, level, message) => {
        try {
            log(LEVELS[level], message);
        } catch (error) {
            process.emitWarning(`the log handler of sm-token failed: ${error}`);
        }
    };
}
