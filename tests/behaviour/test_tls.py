"""Whom the library trusts, and what it says when it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.probe import TRUST_BUNDLED, Probe
from servers.authority import CERTIFICATES, PROXIED_NAME, Authority
from servers.named_scripts import TOKEN
from servers.names import NotInstalled, resolving_only
from servers.started import Misbehaving

ACCEPTED = ("good", "good_rsa", "good_with_intermediate")


def at(certificate: str, misbehaving: Misbehaving) -> str:
    """A server that would give a token, and presents this certificate."""
    return str(misbehaving.description["certificates"][certificate])


@pytest.mark.parametrize("certificate", ACCEPTED)
def test_a_good_certificate_is_accepted(certificate: str, probe: Probe, misbehaving: Misbehaving) -> None:
    outcome = probe.fetch(at(certificate, misbehaving), ca_file=misbehaving.ca_file)
    assert outcome.status == "OK", outcome.message


@pytest.mark.parametrize("certificate", sorted({*CERTIFICATES} - {*ACCEPTED, "good_p521"}))
# promise: tls-verified
def test_another_certificate_is_refused(certificate: str, probe: Probe, misbehaving: Misbehaving) -> None:
    outcome = probe.fetch(at(certificate, misbehaving), ca_file=misbehaving.ca_file)
    assert outcome.status == "CERTIFICATE", outcome.message
    assert "localhost" in outcome.message
    assert "certificate" in outcome.message
    assert not outcome.retryable


@pytest.mark.parametrize(
    ("certificate", "says"),
    [
        ("expired", "expired"),
        ("not_yet_valid", "not valid yet"),
        ("wrong_host", "host name"),
        ("no_names", "common name"),
        ("self_signed", "issuer"),
        ("unknown_authority", "issuer"),
        ("missing_intermediate", "intermediate"),
        ("client_only", "server"),
        ("self_made_authority", "CA:TRUE"),
        ("constrained", "name constraints"),
    ],
)
def test_the_message_tells_what_is_wrong_with_the_certificate(
    certificate: str, says: str, probe: Probe, misbehaving: Misbehaving
) -> None:
    assert says in probe.fetch(at(certificate, misbehaving), ca_file=misbehaving.ca_file).message


def test_a_key_of_a_curve_that_is_not_known_is_told(probe: Probe, misbehaving: Misbehaving) -> None:
    outcome = probe.fetch(at("good_p521", misbehaving), ca_file=misbehaving.ca_file)
    assert outcome.status == "TLS", outcome.message
    assert "P-521" in outcome.message


# promise: tls-verified
def test_the_secret_is_never_sent_to_whom_is_not_trusted(probe: Probe, misbehaving: Misbehaving) -> None:
    playing = misbehaving.play_on_a_port(TOKEN, certificate="unknown_authority")
    probe.fetch(playing.base_url, ca_file=misbehaving.ca_file)
    [connection] = playing.received(at_least=1)
    assert connection.method is None


@pytest.mark.parametrize("address", ["127.0.0.1"])
def test_a_certificate_for_an_address_is_accepted(
    address: str, probe: Probe, misbehaving: Misbehaving
) -> None:
    base_url = at("good", misbehaving).replace("localhost", address)
    assert probe.fetch(base_url, ca_file=misbehaving.ca_file).status == "OK"


# promise: localhost-name
def test_a_name_that_resolves_to_loopback_has_to_be_in_the_certificate(
    probe: Probe, misbehaving: Misbehaving, tmp_path: Path
) -> None:
    try:
        environment = resolving_only({PROXIED_NAME: "127.0.0.1", "elsewhere.example": "127.0.0.1"}, tmp_path)
    except NotInstalled as missing:
        pytest.skip(str(missing))
    asked = {"ca_file": misbehaving.ca_file, "environment": environment}
    named = at("good", misbehaving).replace("localhost", PROXIED_NAME)
    unnamed = at("good", misbehaving).replace("localhost", "elsewhere.example")
    assert probe.fetch(named, **asked).status == "OK"  # type: ignore[arg-type]
    assert probe.fetch(unnamed, **asked).status == "CERTIFICATE"  # type: ignore[arg-type]


# The versions


@pytest.mark.parametrize("version", ["1.2", "1.3"])
# promise: tls-versions
def test_tls_is_spoken_in_this_version(version: str, probe: Probe, misbehaving: Misbehaving) -> None:
    playing = misbehaving.play_on_a_port(TOKEN, version=version)
    assert probe.fetch(playing.base_url, ca_file=misbehaving.ca_file).status == "OK"
    [connection] = playing.received()
    assert connection.tls == f"TLSv{version}"


def test_tls_1_3_is_preferred(probe: Probe, misbehaving: Misbehaving) -> None:
    playing = misbehaving.play_on_a_port(TOKEN)
    probe.fetch(playing.base_url, ca_file=misbehaving.ca_file)
    [connection] = playing.received()
    assert connection.tls == "TLSv1.3"


# promise: tls-versions
def test_tls_1_1_is_refused(probe: Probe, misbehaving: Misbehaving) -> None:
    playing = misbehaving.play_on_a_port(TOKEN, version="1.1")
    outcome = probe.fetch(playing.base_url, ca_file=misbehaving.ca_file)
    assert outcome.status == "TLS"
    assert "localhost" in outcome.message
    assert not outcome.retryable


# Where trust comes from


def test_the_bundled_roots_do_not_know_a_local_authority(probe: Probe, misbehaving: Misbehaving) -> None:
    assert probe.fetch(at("good", misbehaving), trust=TRUST_BUNDLED).status == "CERTIFICATE"


def test_the_system_store_does_not_know_a_local_authority(probe: Probe, misbehaving: Misbehaving) -> None:
    # A machine without any store has nothing to trust, which is told apart.
    assert probe.fetch(at("good", misbehaving)).status in ("CERTIFICATE", "NO_TRUST_ROOTS")


def test_the_system_store_is_where_ssl_cert_file_says(probe: Probe, misbehaving: Misbehaving) -> None:
    environment = {"SSL_CERT_FILE": misbehaving.ca_file}
    outcome = probe.fetch(at("good", misbehaving), environment=environment)
    assert outcome.status == "OK", outcome.message


@pytest.mark.parametrize("file", ["a stranger's", "missing", "not named"])
def test_the_system_store_is_also_in_the_directories_that_ssl_cert_dir_names(
    file: str, probe: Probe, misbehaving: Misbehaving, tmp_path: Path
) -> None:
    directory = tmp_path / "certs"
    directory.mkdir()
    (directory / "0000.0").write_bytes(Path(misbehaving.ca_file).read_bytes())
    environment = {"SSL_CERT_DIR": f"{tmp_path / 'nowhere'}:{directory}"}
    if file != "not named":
        named = Authority.create(tmp_path).ca_file if file == "a stranger's" else tmp_path / "missing.pem"
        environment["SSL_CERT_FILE"] = str(named)
    outcome = probe.fetch(at("good", misbehaving), environment=environment)
    assert outcome.status == "OK", outcome.message


def test_an_issuer_that_is_in_neither_file_nor_directory_is_not_trusted(
    probe: Probe, misbehaving: Misbehaving, tmp_path: Path
) -> None:
    stranger = Authority.create(tmp_path).ca_file
    environment = {"SSL_CERT_FILE": str(stranger), "SSL_CERT_DIR": str(tmp_path)}
    assert probe.fetch(at("good", misbehaving), environment=environment).status == "CERTIFICATE"


def test_a_store_that_holds_nothing_is_told(probe: Probe, misbehaving: Misbehaving, tmp_path: Path) -> None:
    environment = {"SSL_CERT_FILE": str(tmp_path / "missing.pem"), "SSL_CERT_DIR": str(tmp_path)}
    outcome = probe.fetch(at("good", misbehaving), environment=environment)
    assert outcome.status == "NO_TRUST_ROOTS"
    assert str(tmp_path / "missing.pem") in outcome.message


# promise: ca-file
def test_the_ca_file_is_trusted_in_place_of_the_system_store(
    probe: Probe, misbehaving: Misbehaving, tmp_path: Path
) -> None:
    stranger = Authority.create(tmp_path).ca_file
    environment = {"SSL_CERT_FILE": misbehaving.ca_file}
    outcome = probe.fetch(at("good", misbehaving), environment=environment, ca_file=stranger)
    assert outcome.status == "CERTIFICATE"


def test_a_ca_file_of_several_authorities_trusts_each(
    probe: Probe, misbehaving: Misbehaving, tmp_path: Path
) -> None:
    stranger = Authority.create(tmp_path).ca_file.read_text()
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(f"# a stranger\n{stranger}\n# ours\n{Path(misbehaving.ca_file).read_text()}")
    assert probe.fetch(at("good", misbehaving), ca_file=bundle).status == "OK"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.pem", b""),
        ("garbage.pem", b"\x00\xff no certificate"),
        ("key.pem", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
        ("broken.pem", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        ("torn.pem", b"-----BEGIN CERTIFICATE-----\nMIIB"),
        ("huge.pem", b"#" * (16 * 1024 * 1024 + 1)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_ca_file_that_brings_nobody_to_trust_is_named(
    name: str, content: bytes, probe: Probe, misbehaving: Misbehaving, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    outcome = probe.fetch(at("good", misbehaving), ca_file=file)
    assert outcome.status == "NO_TRUST_ROOTS"
    assert str(file) in outcome.message


def test_a_ca_file_that_is_missing_is_named(probe: Probe, misbehaving: Misbehaving, tmp_path: Path) -> None:
    outcome = probe.fetch(at("good", misbehaving), ca_file=tmp_path / "missing.pem")
    assert outcome.status == "NO_TRUST_ROOTS"
    assert str(tmp_path / "missing.pem") in outcome.message


def test_a_ca_file_that_is_a_directory_is_named(
    probe: Probe, misbehaving: Misbehaving, tmp_path: Path
) -> None:
    outcome = probe.fetch(at("good", misbehaving), ca_file=tmp_path)
    assert outcome.status == "NO_TRUST_ROOTS"
    assert str(tmp_path) in outcome.message


def test_nothing_to_trust_is_told_before_anything_is_asked(
    probe: Probe, misbehaving: Misbehaving, tmp_path: Path
) -> None:
    playing = misbehaving.play_on_a_port(TOKEN)
    probe.fetch(playing.base_url, ca_file=tmp_path / "missing.pem")
    assert playing.received() == []
