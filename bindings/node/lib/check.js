// The check: the steps to a token, one by one. It holds the thread that calls it: a thread of libuv's pool would wait for
// the event loop at each step, and process.exit() for that thread, without end.
import { register, release, sm_check } from "./native.js";
import { Status, taken, text } from "./error.js";
import { withOptions } from "./options.js";

const VERDICTS = ["ok", "wrong", "unknown"];
const GO_ON = 1;

export function checkSync(options = {}) {
    const id = text(options.clientId, "clientId");
    const secret = text(options.clientSecret, "clientSecret");
    const [steps, error] = [[], [null]];
    const status = withOptions(options, (native, log) => {
        const step = register((_, name, verdict, what, advice) => {
            steps.push({ name, verdict: VERDICTS[verdict], text: what, advice });
            return GO_ON;
        }, "sm_check_fn");
        const result = sm_check(id, secret, native, step, null, error);
        release(step);
        if (log) release(log);
        return result;
    });
    return { steps, error: status === Status.OK ? null : taken(status, error[0]) };
}
