"""`python -m sm_token`: an access token for the shell, or what keeps one from coming."""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import sys
from pathlib import Path
from typing import Any, NoReturn, TextIO

import sm_token
from sm_token._choices import Choices
from sm_token._exit_codes import FAILED, INTERRUPTED, MISUSED, exit_code

DESCRIPTION = "Prints an access token for the Standard Metrics API."

EPILOG = """\
The client id comes from the environment variable SMX_CLIENT_ID, or from the file that
SMX_CLIENT_ID_FILE or --client-id-file names; the secret from SMX_CLIENT_SECRET, or such a file,
or with --stdin from standard input. Neither is taken from the command line, which every user of
the machine can read. So that the token does not get there either:

  {prog} --header | curl -H @- https://api.standardmetrics.io/v1/...

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

CLOSED = "the output can't be written: standard output is closed"

# Longer than any secret: what is fed in is then something else.
LONGEST_SECRET = 64 * 1024


OPTIONS = [
    ("-h, --help", "show this help message and exit"),
    ("--header", "print the whole Authorization header"),
    ("--json", "print the token and its expiry, or the check, as JSON"),
    ("--check", "look at each step to a token; print no token"),
    (
        "--output FILE",
        "write to this file (mode 0600; on Windows as its folder says) in place of standard output",
    ),
    ("--stdin", "read the secret from standard input"),
    ("--client-id-file FILE", "read the client id from this file"),
    ("--client-secret-file FILE", "read the secret from this file"),
    ("--base-url URL", "the server (default: SMX_BASE_URL)"),
    ("--scope SCOPE", "what to ask for, space separated"),
    ("--ca-file FILE", "PEM, trusted in place of the system's store"),
    ("--timeout SECONDS", "of the whole call (default: 30)"),
    ("--version", "show the version and exit"),
]

# The same in every version of Python and at every width of the terminal, and that of the command sm-token.
USAGE = "{prog} [-h] " + " ".join(f"[{option}]" for option, _ in OPTIONS[1:])


class Parser(argparse.ArgumentParser):
    """Repeats no value from the command line: one that does not belong there may be a secret."""

    def format_usage(self) -> str:
        return f"usage: {USAGE.format(prog=self.prog)}\n"

    def format_help(self) -> str:
        options = "".join(f"  {option:<26} {says}\n" for option, says in OPTIONS)
        epilog = EPILOG.replace("{prog}", self.prog)
        return f"{self.format_usage()}\n{DESCRIPTION}\n\noptions:\n{options}\n{epilog}"

    def _print_message(self, message: str, file: Any = None) -> None:  # noqa: ARG002 - standard output is looked at anew
        # For help and version alone.
        if sys.stdout is None:
            sys.exit(fail(FAILED, CLOSED))
        else:
            try:
                sys.stdout.write(message)
                sys.stdout.flush()
            except OSError as error:
                sys.exit(unwritten(error))

    def error(self, message: str) -> NoReturn:
        if sys.stderr is not None:
            what = re.split(":? ?['\"]", message, maxsplit=1)[0]
            print(f"{self.format_usage()}{self.prog}: error: {what}", file=sys.stderr)
        sys.exit(MISUSED)


def main(arguments: list[str] | None = None) -> int:
    # What happens is told once, in one line, and not by the logger as well.
    logging.getLogger("sm_token").setLevel(logging.CRITICAL + 1)
    if sys.platform == "win32" and sys.stdout is not None:
        # The same bytes as elsewhere.
        sys.stdout.reconfigure(newline="\n")  # type: ignore[union-attr]
    chosen = parse(sys.argv[1:] if arguments is None else arguments)
    if sys.stdout is None and chosen.output is None:
        return fail(FAILED, CLOSED)
    choices = Choices()
    for name in Choices.__annotations__:
        if getattr(chosen, name) is not None:
            choices[name] = getattr(chosen, name)  # type: ignore[literal-required]
    try:
        client_id, secret = credentials_from_stdin() if chosen.stdin else (None, None)
        if chosen.check:
            from sm_token import _check

            return _check.check(client_id, secret, choices, as_json=chosen.json)
        text = shaped(sm_token.fetch(client_id, secret, **choices), chosen)
        if chosen.output is not None:
            replace(chosen.output, text)
        else:
            assert sys.stdout is not None
            sys.stdout.write(text)
            sys.stdout.flush()
    except sm_token.Error as error:
        return fail(exit_code(error), str(error))
    except OSError as error:
        return unwritten(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def unwritten(error: OSError) -> int:
    # So that the interpreter does not try again, and complain, as it ends.
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return fail(FAILED, f"the output can't be written: {error.strerror}")


def parse(arguments: list[str]) -> argparse.Namespace:
    as_module = Path(sys.argv[0]).name in ("__main__.py", "-m", "-c")
    parser = Parser(prog="python -m sm_token" if as_module else "sm-token", allow_abbrev=False)
    parser.add_argument("--header", action=Shape, nargs=0)
    parser.add_argument("--json", action=Shape, nargs=0)
    parser.add_argument("--check", action=Shape, nargs=0)
    parser.add_argument("--output", action=Shape, metavar="FILE")
    parser.add_argument("--stdin", action="store_true")
    parser.add_argument("--client-id-file", metavar="FILE")
    parser.add_argument("--client-secret-file", metavar="FILE")
    parser.add_argument("--base-url", metavar="URL")
    parser.add_argument("--scope", metavar="SCOPE")
    parser.add_argument("--ca-file", metavar="FILE")
    parser.add_argument("--timeout", metavar="SECONDS", type=float)
    parser.add_argument("--version", action="version", version=f"sm_token {sm_token.__version__}")
    chosen, unknown = parser.parse_known_args(arguments)
    if unknown:
        parser.error("an argument is not known; secrets are not taken from the command line")
    if chosen.stdin and (chosen.client_id_file or chosen.client_secret_file):
        parser.error("--stdin excludes --client-id-file and --client-secret-file")
    return chosen


class Shape(argparse.Action):
    """What is printed and where to. Some of these make no sense together."""

    CONTRADICTIONS = (("header", "json"), ("header", "check"), ("output", "check"))

    def __call__(
        self, _parser: object, chosen: argparse.Namespace, value: Any, _name: str | None = None
    ) -> None:
        for pair in self.CONTRADICTIONS:
            if self.dest in pair:
                (other,) = (name for name in pair if name != self.dest)
                if getattr(chosen, other):
                    raise argparse.ArgumentError(self, f"not allowed with argument --{other}")
        setattr(chosen, self.dest, value or True)


def credentials_from_stdin() -> tuple[str, str]:
    client_id = os.environ.get("SMX_CLIENT_ID")
    if not client_id:
        raise sm_token.ConfigError("the environment variable SMX_CLIENT_ID is not set")
    return client_id, secret_from_stdin()


def secret_from_stdin() -> str:
    """The secret without the line break that `echo` and editors put behind it."""
    if sys.stdin is None:
        raise sm_token.ConfigError("standard input is closed")
    if is_person(sys.stdin):
        return secret_from_person()
    try:
        read = sys.stdin.buffer.read(LONGEST_SECRET)
    except OSError as error:
        raise sm_token.ConfigError(f"standard input can't be read: {error.strerror}") from None
    try:
        text = read.decode()
    except UnicodeDecodeError:
        raise sm_token.ConfigError("the secret on standard input is not UTF-8") from None
    return text.removesuffix("\n").removesuffix("\r")


def is_person(stream: TextIO) -> bool:
    # Windows takes its null device for a terminal; a console has a class of its own.
    raw = getattr(stream.buffer, "raw", None)
    return stream.isatty() and (sys.platform != "win32" or type(raw).__name__ == "_WindowsConsoleIO")


def secret_from_person() -> str:
    from getpass import getpass

    try:
        return getpass("client secret: ")
    except EOFError:
        # The prompt's line is still open.
        print(file=sys.stderr)
        raise sm_token.ConfigError("no secret was entered") from None


def shaped(token: sm_token.Token, chosen: argparse.Namespace) -> str:
    if chosen.header:
        return f"Authorization: {token.authorization}\n"
    if not chosen.json:
        return f"{token.access_token}\n"
    told = {
        "access_token": token.access_token,
        "token_type": token.token_type,
        "scope": token.scope,
        "expires_at": token.expires_at.isoformat(),
        "expires_in": int(token.expires_in.total_seconds()),
    }
    return f"{json.dumps(told)}\n"


def replace(path: str, text: str) -> None:
    """Replaces a file as a whole: who reads it meanwhile sees the old one or the new one. Its mode is
    0600; on Windows it has the rights that its folder gives to new files."""
    beside = Path(f"{path}.{os.getpid()}.tmp")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            if sys.platform != "win32":
                # Whatever the umask.
                os.fchmod(descriptor, 0o600)
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        beside.replace(path)
    except BaseException:
        beside.unlink()
        raise


def fail(code: int, message: str) -> int:
    # `print` takes no file for standard output, where a token is expected.
    if sys.stderr is not None:
        print(f"sm_token: {message}", file=sys.stderr)
    return code
