"""`python -m sm_token`: an access token for the shell, or what keeps one from coming."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from typing import TypedDict

import sm_token

DESCRIPTION = "Prints an access token for the Standard Metrics API."

EPILOG = """\
The client id comes from the environment variable SMX_CLIENT_ID; the secret from SMX_CLIENT_SECRET,
or with --stdin from standard input. Neither is taken from the command line, which every user of
the machine can read. So that the token does not get there either:

  python -m sm_token --header | curl -H @- https://api.standardmetrics.io/v1/...

exit codes:
  0    done
  1    a defect of sm-token, or output that can't be written
  2    a mistake on the command line
  3    credentials, or another value, that can't be used
  4    no answer: name, network, proxy, time
  5    TLS: the server's certificate is not trusted, or there is nothing to trust
  6    the server refused: credentials, scope, too many requests, a failure of its own
  7    the server's answer is no token response
  8    --check: the clock of this machine is wrong
  130  interrupted
"""

FAILED, MISUSED, UNUSABLE, WRONG_CLOCK, INTERRUPTED = 1, 2, 3, 8, 130

# By the tens of the status.
EXIT_CODES = {1: UNUSABLE, 2: 4, 3: 5, 4: 6, 5: 7}

# Longer than any secret: what is fed in is then something else.
LONGEST_SECRET = 64 * 1024


class Choices(TypedDict, total=False):
    """What the command line chooses of the keywords of fetch()."""

    base_url: str
    scope: str
    ca_file: str
    timeout: float


def main(arguments: list[str]) -> int:
    # What happens is told once, in one line, and not by the logger as well.
    logging.getLogger("sm_token").setLevel(logging.CRITICAL + 1)
    chosen = parse(arguments)
    choices = Choices()
    for name in Choices.__annotations__:
        if getattr(chosen, name) is not None:
            choices[name] = getattr(chosen, name)  # type: ignore[literal-required]
    try:
        client_id, secret = credentials_from_stdin() if chosen.stdin else (None, None)
        if chosen.check:
            return print_check(client_id, secret, choices)
        print_token(sm_token.fetch(client_id, secret, **choices), chosen)
        sys.stdout.flush()
    except sm_token.Error as error:
        return fail(exit_code(error), str(error))
    except OSError as error:
        # So that the interpreter does not try again, and complain, as it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return fail(FAILED, f"the output can't be written: {error.strerror}")
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sm_token",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--header", action="store_true", help="print the whole Authorization header")
    shape.add_argument("--json", action="store_true", help="print the token and its expiry as JSON")
    shape.add_argument("--check", action="store_true", help="look at each step to a token; print no token")
    parser.add_argument("--stdin", action="store_true", help="read the secret from standard input")
    parser.add_argument("--base-url", metavar="URL", help="the server (default: SMX_BASE_URL)")
    parser.add_argument("--scope", metavar="SCOPE", help="what to ask for, space separated")
    parser.add_argument("--ca-file", metavar="FILE", help="PEM, trusted in place of the system's store")
    parser.add_argument("--timeout", metavar="SECONDS", type=float, help="of the whole call (default: 30)")
    chosen, unknown = parser.parse_known_args(arguments)
    if unknown:
        # Not echoed: one may be a secret.
        parser.error("an argument is not known; secrets are not taken from the command line")
    return chosen


def credentials_from_stdin() -> tuple[str, str]:
    client_id = os.environ.get("SMX_CLIENT_ID")
    if not client_id:
        raise sm_token.ConfigError("the environment variable SMX_CLIENT_ID is not set")
    return client_id, secret_from_stdin()


def secret_from_stdin() -> str:
    """The secret without the line break that `echo` and editors put behind it."""
    if sys.stdin.isatty():
        from getpass import getpass

        return getpass("client secret: ")
    read = sys.stdin.buffer.read(LONGEST_SECRET)
    try:
        text = read.decode()
    except UnicodeDecodeError:
        raise sm_token.ConfigError("the secret on standard input is not UTF-8") from None
    return text.removesuffix("\n").removesuffix("\r")


def print_token(token: sm_token.Token, chosen: argparse.Namespace) -> None:
    if chosen.header:
        print(f"Authorization: {token.authorization}")
    elif chosen.json:
        told = {
            "access_token": token.access_token,
            "token_type": token.token_type,
            "scope": token.scope,
            "expires_at": token.expires_at.isoformat(),
            "expires_in": int(token.expires_in.total_seconds()),
        }
        print(json.dumps(told))
    else:
        print(token.access_token)


def print_check(client_id: str | None, secret: str | None, choices: Choices) -> int:
    """Prints each step as soon as it is known; gives the exit code of the first that is wrong."""
    from sm_token import _check

    # A name in a script that the terminal can't show is no reason to stop.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    code = 0
    left = list(_check.STEPS)
    for step in _check.steps(client_id, secret, choices):
        left.remove(step.name)
        print(f"{step.name:<12} {step.verdict:<8} {step.said}", flush=True)
        if step.advice:
            print(f"{'':<12} {'':<8} {step.advice}", flush=True)
        if step.verdict == _check.WRONG and not code:
            code = exit_code(step.error) if step.error else WRONG_CLOCK
    for name in left:
        print(f"{name:<12} {_check.UNKNOWN:<8} not looked at, because of the above")
    return code


def exit_code(error: sm_token.Error) -> int:
    return EXIT_CODES.get(error.status // 10, FAILED)


def fail(code: int, message: str) -> int:
    print(f"sm_token: {message}", file=sys.stderr)
    return code
