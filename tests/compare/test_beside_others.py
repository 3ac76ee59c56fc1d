"""What curl and Python accept is accepted, with as many connections; what is refused is named."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from compare.others import ask_curl, ask_python
from compare.rows import ROWS, Row
from harness.c_program import ROOT, need
from harness.network import network, network_library
from harness.probe import Probe
from servers.authority import PROXIED_NAME
from servers.started import Misbehaving, Playing


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need("curl")
    return network_library(tmp_path_factory.mktemp("network"))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, misbehaving: Misbehaving) -> Path:
    """The authority's certificate in other forms."""
    directory = tmp_path_factory.mktemp("files")
    pem = Path(misbehaving.ca_file).read_text()

    def trusted(*how: str) -> str:
        command = [need("openssl"), "x509", "-in", misbehaving.ca_file, "-trustout", *how]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    texts = {
        "empty": "",
        "trusted": trusted("-addtrust", "serverAuth"),
        "mail": trusted("-addtrust", "emailProtection"),
        "x509": pem.replace(" CERTIFICATE", " X509 CERTIFICATE"),
        "words": f"An authority - ours\n# {pem}\n-- \nthe end\n".replace("# ", "#\n"),
    }
    for name, text in texts.items():
        (directory / f"{name}.pem").write_text(text)
    (directory / "crlf.pem").write_bytes(pem.replace("\n", "\r\n").encode())
    return directory


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_library_gets_an_answer_where_others_do(
    row: Row, probe: Probe, misbehaving: Misbehaving, library: Path, files: Path, tmp_path: Path
) -> None:
    def play() -> tuple[Playing, str, dict[str, str]]:
        playing = misbehaving.play_on_a_port(*row.steps, **row.port)
        filled = {"port": playing.port, "directory": files, "ca_file": misbehaving.ca_file}
        names = {"names": f"{PROXIED_NAME}=127.0.0.1", **row.network}
        environment = {"SSL_CERT_FILE": misbehaving.ca_file, **network(library, **names)}
        environment |= {name: value.format(**filled) for name, value in row.environment.items()}
        port = 4433 if row.proxy_is_server else playing.port
        return playing, row.url.format(host=row.host, port=port), environment

    answers, tries = {}, {}
    for name, ask in {"curl": ask_curl, "Python": ask_python}.items():
        playing, url, environment = play()
        answers[name] = ask(f"{url}/o/token/", environment, tmp_path)
        tries[name] = len(playing.received())
    playing, url, environment = play()
    outcome = probe.fetch(url, environment=environment, max_retries=0, timeout_ms=4000)
    ours = 200 if outcome.status == "OK" else outcome.http_status
    told = (
        f"curl {answers['curl']}, Python {answers['Python']}, the library {outcome.status}: {outcome.message}"
    )

    if row.stricter:
        assert any(answers.values()), f"others refuse too: {told}"
        assert ours == 0, f"the library is not stricter any more: {told}"
        assert re.search(row.stricter, outcome.message), told
        assert re.search(row.stricter, (ROOT / "docs" / "errors.md").read_text()), (
            "docs/errors.md does not name it"
        )
        return
    if row.laxer:
        assert not any(answers.values()), f"others take it too: {told}"
        assert ours, told
        return
    # As curl, or as Python where that gets an answer and curl does not.
    assert ours == answers["curl"] or (ours and ours == answers["Python"]), told
    # curl and Python go on with nobody to trust.
    if answers["curl"] == ours and outcome.status != "NO_TRUST_ROOTS":
        assert len(playing.received()) == tries["curl"], (
            f"tries {tries} and {len(playing.received())}: {told}"
        )
    if not ours:
        assert re.search(r"localhost|127\.0\.0\.|\.test|SSL_CERT_FILE", outcome.message, re.IGNORECASE), told


def test_there_are_rows_enough_and_each_has_a_name_of_its_own() -> None:
    assert len(ROWS) >= 80
    assert len({row.name for row in ROWS}) == len(ROWS)
