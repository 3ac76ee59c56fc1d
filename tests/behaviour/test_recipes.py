"""The recipes of docs/how-to/use-the-command.md, as they stand there; and the command's own pages."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import stat
import statistics
import subprocess
import time
from pathlib import Path

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml  # type: ignore[import-untyped]

from harness.c_program import ROOT, leading_to, need, run
from harness.command import command_program
from harness.readme import blocks, languages
from servers.started import Real

PAGE = ROOT / "docs" / "how-to" / "use-the-command.md"
INSTALLED = "/usr/local/bin/sm-token"
PAGES = ROOT / "bindings" / "command" / "pages"


@pytest.fixture
def environment(real: Real, tmp_path: Path) -> dict[str, str]:
    """A shell that finds `sm-token`, and is known to the real server."""
    places = (str(command_program().parent), os.environ["PATH"])
    return {
        **leading_to(real),
        "PATH": ":".join(places),
        "HOME": str(tmp_path),
        "SSL_CERT_FILE": real.ca_file,
        "CURL_CA_BUNDLE": real.ca_file,
    }


def shell(script: str, environment: dict[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        check=False, capture_output=True, text=True, env=environment, cwd=cwd, timeout=60,
    )  # fmt: skip


def is_a_token_for_its_owner(path: Path) -> bool:
    is_the_owners = stat.S_IMODE(path.stat().st_mode) == 0o600
    return is_the_owners and re.fullmatch(r"[A-Za-z0-9]{20,}\n", path.read_text()) is not None


def test_every_recipe_is_tested_here() -> None:
    assert languages(PAGE) == {"sh", "crontab", "systemd-service", "systemd-timer", "yaml", "powershell"}
    assert len(blocks(PAGE, "sh")) == 3


def test_curl_gets_an_answer(environment: dict[str, str], tmp_path: Path) -> None:
    need("curl")
    [by_curl] = [block for block in blocks(PAGE, "sh") if "curl" in block]
    done = shell(by_curl, environment, tmp_path)
    assert done.returncode == 0, done.stderr
    assert '"results"' in done.stdout


def test_the_readmes_curl_gets_an_answer(environment: dict[str, str], tmp_path: Path) -> None:
    need("curl")
    [block] = blocks(ROOT / "bindings" / "command" / "README.md", "sh")
    assert '"results"' in shell(block, environment, tmp_path).stdout


def test_the_check_says_what_is_wrong(environment: dict[str, str], tmp_path: Path) -> None:
    by_person, by_program = [block for block in blocks(PAGE, "sh") if "--check" in block]
    done = shell(by_person, environment, tmp_path)
    assert (done.returncode, done.stdout.count(" ok ")) == (0, 9)
    # The page pipes into a program whose exit code counts.
    lenient = by_program.replace("sm-token --check --json", "{ sm-token --check --json || true; }")
    assert shell(lenient, environment, tmp_path).stdout == "nothing\n"
    assert shell(lenient, {**environment, "SMX_CLIENT_SECRET": "x"}, tmp_path).stdout == "answer\n"


def test_cron_leaves_a_token(environment: dict[str, str], tmp_path: Path) -> None:
    [line] = blocks(PAGE, "crontab")
    *times, command = line.strip().split(" ", 5)
    assert times == ["*/30", "*", "*", "*", "*"]
    kept = {"PATH", "HOME", "SMX_BASE_URL", "SSL_CERT_FILE"}
    settings = tmp_path / ".config" / "standard-metrics"
    settings.parent.mkdir()
    settings.write_text(
        "".join(
            f"export {name}={shlex.quote(environment[name])}\n"
            for name in ("SMX_CLIENT_ID", "SMX_CLIENT_SECRET")
        )
    )
    # As cron does it.
    done = subprocess.run(
        ["/bin/sh", "-c", command], check=False, capture_output=True, text=True, cwd=tmp_path, timeout=60,
        env={name: value for name, value in environment.items() if name in kept},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert is_a_token_for_its_owner(tmp_path / "token")


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    analyze = need("systemd-analyze")
    units = {
        "sm-token.service": blocks(PAGE, "systemd-service"), "sm-token.timer": blocks(PAGE, "systemd-timer"),
    }  # fmt: skip
    for name, [unit] in units.items():
        # The command is not installed here.
        (tmp_path / name).write_text(unit.replace(INSTALLED, str(command_program())))
    done = run([analyze, "verify", *(tmp_path / name for name in units)])
    said = [
        line
        for line in (done.stdout + done.stderr).splitlines()
        if str(tmp_path) in line or "sm-token" in line
    ]
    assert (done.returncode, said) == (0, [])
    (tmp_path / "sm-token.timer").write_text(units["sm-token.timer"][0].replace("30min", "soon"))
    done = run([analyze, "verify", *(tmp_path / name for name in units)])
    assert "soon" in done.stdout + done.stderr


def test_the_service_leaves_a_token(environment: dict[str, str], tmp_path: Path) -> None:
    [unit] = blocks(PAGE, "systemd-service")
    [line] = re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    assert "Environment=SMX_CLIENT_SECRET_FILE=%d/client_secret" in unit
    line = line.replace(INSTALLED, str(command_program())).replace("${RUNTIME_DIRECTORY}", str(tmp_path))
    (tmp_path / "client_secret").write_text(environment.pop("SMX_CLIENT_SECRET") + "\n")
    done = subprocess.run(
        shlex.split(line), check=False, capture_output=True, text=True, timeout=60,
        env={**environment, "SMX_CLIENT_SECRET_FILE": str(tmp_path / "client_secret")},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert is_a_token_for_its_owner(tmp_path / "token")


def test_kubernetes_takes_the_manifest_and_its_job_leaves_a_token(
    environment: dict[str, str], tmp_path: Path
) -> None:
    [manifest] = blocks(PAGE, "yaml")
    job = yaml.safe_load(manifest)
    kubernetes_validate.validate(job, "1.33", strict=True)
    broken = yaml.safe_load(manifest.replace("restartPolicy", "restartPolice"))
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, "1.33", strict=True)
    [container] = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    given = {variable["name"] for variable in container["env"]}
    assert given == {"SMX_CLIENT_ID", "SMX_CLIENT_SECRET"}
    [mount] = container["volumeMounts"]
    arguments = [argument.replace(mount["mountPath"], str(tmp_path)) for argument in container["args"]]
    done = subprocess.run(
        [command_program(), *arguments], check=False, capture_output=True, env=environment, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert is_a_token_for_its_owner(tmp_path / "token")


# The pages that are generated


def test_bash_completes_options_and_files(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    # bash knows compopt in a completion alone.
    script = f"""
        set +e
        source {shlex.quote(str(PAGES / "sm-token.bash"))}
        complete_after() {{
            COMP_WORDS=(sm-token "$@") COMP_CWORD=$#
            _sm_token 2> /dev/null
            echo "${{COMPREPLY[*]}}"
        }}
        complete_after --ca
        complete_after --ca-file ca
        complete_after --timeout 1
    """
    done = shell(script, {"PATH": os.environ["PATH"]}, tmp_path)
    assert done.stdout == "--ca-file\nca.pem\n\n", done.stderr


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("zsh", ["-n", "_sm-token"]),
        ("fish", ["--no-execute", "sm-token.fish"]),
        ("bash", ["-n", "sm-token.bash"]),
    ],
)
def test_each_shell_takes_its_completion(tool: str, arguments: list[str]) -> None:
    *options, name = arguments
    done = run([need(tool), *options, PAGES / name])
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_manual_page_has_no_mistake() -> None:
    done = run([need("groff"), "-man", "-Tutf8", "-ww", PAGES / "sm-token.1"])
    assert (done.returncode, done.stderr) == (0, "")
    for option in ("--check", "--output", "--timeout"):
        assert option in re.sub(".\b", "", done.stdout)


# What it costs


def test_it_starts_in_a_moment() -> None:
    """Beside the smallest program of the system, started in turn, so that a busy machine is busy for both."""
    smallest = shutil.which("true")
    assert smallest

    def took(program: str | Path) -> float:
        began = time.perf_counter()
        subprocess.run([program, "--version"], check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - began

    command = command_program()
    pairs = [(took(command), took(smallest)) for _ in range(30)]
    more = statistics.median(ours - theirs for ours, theirs in pairs)
    assert more < max(0.005, 5 * statistics.median(theirs for _, theirs in pairs)), f"{more * 1000:.2f} ms"


def test_the_json_of_the_check_is_one_object(environment: dict[str, str], tmp_path: Path) -> None:
    done = shell("sm-token --check --json", environment, tmp_path)
    assert json.loads(done.stdout)["status"] == "OK"
    assert done.stdout.count("\n") == 1
