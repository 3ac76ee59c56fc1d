"""A throwaway certificate authority, and every certificate that a client should accept or refuse."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# The name that only the proxies resolve: what is reached under it was reached through one of them.
PROXIED_NAME = "standard-metrics.test"
SERVER_NAMES = ("localhost", PROXIED_NAME, "127.0.0.1", "::1")

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Issued:
    """A certificate with its key, able to issue others."""

    certificate: x509.Certificate
    key: Key


def _subject(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _alternative_names(names: tuple[str, ...]) -> x509.SubjectAlternativeName:
    def general(name: str) -> x509.GeneralName:
        try:
            return x509.IPAddress(ipaddress.ip_address(name))
        except ValueError:
            return x509.DNSName(name)

    return x509.SubjectAlternativeName([general(name) for name in names])


# Strict verifiers (RFC 5280, sections 4.2.1.1 to 4.2.1.3) ask for these extensions.


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _issued_by(key: Key) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _ca(
    common_name: str,
    issuer: Issued | None = None,
    *,
    names: tuple[str, ...] = (),
    constraints: x509.NameConstraints | None = None,
) -> Issued:
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_subject(common_name))
        .issuer_name(issuer.certificate.subject if issuer else _subject(common_name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + 30 * DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_issued_by(issuer.key if issuer else key), critical=False)
    )
    if names:
        builder = builder.add_extension(_alternative_names(names), critical=False)
    else:
        builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
    if constraints:
        builder = builder.add_extension(constraints, critical=True)
    return Issued(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


def _server(
    issuer: Issued | None,
    *,
    names: tuple[str, ...] = SERVER_NAMES,
    starts_in: datetime.timedelta = -DAY,
    ends_in: datetime.timedelta = 7 * DAY,
    usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
    key: Key | None = None,
) -> Issued:
    key = key or ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)
    subject = _subject(names[0] if names else "localhost")
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + starts_in)
        .not_valid_after(now + ends_in)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_issued_by(issuer.key if issuer else key), critical=False)
    )
    if names:
        builder = builder.add_extension(_alternative_names(names), critical=False)
    return Issued(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


def _rsa(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


# Name of a certificate -> what a server sends, its own certificate first. Given the trusted authority.
_Chain = list[Issued]
_CHAINS: dict[str, Callable[[Issued], _Chain]] = {}


def _chain(make: Callable[[Issued], _Chain]) -> Callable[[Issued], _Chain]:
    _CHAINS[make.__name__] = make
    return make


@_chain
def good(ca: Issued) -> _Chain:
    return [_server(ca)]


@_chain
def good_rsa(ca: Issued) -> _Chain:
    return [_server(ca, key=_rsa(2048))]


@_chain
def good_with_intermediate(ca: Issued) -> _Chain:
    intermediate = _ca("throwaway intermediate", issuer=ca)
    return [_server(intermediate), intermediate]


@_chain
def missing_intermediate(ca: Issued) -> _Chain:
    return [_server(_ca("throwaway intermediate that is never sent", issuer=ca))]


@_chain
def expired(ca: Issued) -> _Chain:
    return [_server(ca, starts_in=-3 * DAY, ends_in=-DAY)]


@_chain
def not_yet_valid(ca: Issued) -> _Chain:
    return [_server(ca, starts_in=DAY, ends_in=3 * DAY)]


@_chain
def wrong_host(ca: Issued) -> _Chain:
    return [_server(ca, names=("elsewhere.test",))]


@_chain
def no_names(ca: Issued) -> _Chain:
    """Its only name is the subject's common name, which RFC 6125 and every browser ignore."""
    return [_server(ca, names=())]


@_chain
def self_signed(_: Issued) -> _Chain:
    return [_server(None)]


@_chain
def unknown_authority(_: Issued) -> _Chain:
    stranger = _ca("an authority that nobody trusts")
    return [_server(stranger), stranger]


@_chain
def issued_by_a_server(ca: Issued) -> _Chain:
    """A certificate that a mere server certificate issued: without the CA bit it may not."""
    impostor = _server(ca, names=("impostor.test",))
    return [_server(impostor), impostor]


@_chain
def client_only(ca: Issued) -> _Chain:
    return [_server(ca, usage=ExtendedKeyUsageOID.CLIENT_AUTH)]


@_chain
def self_made_authority(ca: Issued) -> _Chain:
    """A certificate authority's own (CA:TRUE), as `openssl req -x509` makes it."""
    return [_ca("localhost", issuer=ca, names=SERVER_NAMES)]


@_chain
def good_p521(ca: Issued) -> _Chain:
    """Of a curve that few offer."""
    return [_server(ca, key=ec.generate_private_key(ec.SECP521R1()))]


@_chain
def constrained(ca: Issued) -> _Chain:
    """By an authority that may only issue for other names."""
    elsewhere = x509.NameConstraints([x509.DNSName("elsewhere.test")], None)
    intermediate = _ca("throwaway constrained", issuer=ca, constraints=elsewhere)
    return [_server(intermediate), intermediate]


@_chain
def weak_key(ca: Issued) -> _Chain:
    return [_server(ca, key=_rsa(1024))]


CERTIFICATES = tuple(_CHAINS)


class Authority:
    """The certificates in a directory: `ca.pem` to trust, and a PEM of chain and key for each name."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @property
    def directory(self) -> Path:
        return self._directory

    @property
    def ca_file(self) -> Path:
        return self._directory / "ca.pem"

    def certificate(self, name: str) -> Path:
        """The file that holds the chain and the key, as `ssl.SSLContext.load_cert_chain` takes it."""
        return self._directory / f"{name}.pem"

    @classmethod
    def create(cls, directory: Path) -> Authority:
        """Issues every certificate anew."""
        authority = cls(directory)
        ca = _ca("throwaway authority")
        for name, make in _CHAINS.items():
            chain = make(ca)
            key = chain[0].key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            certificates = b"".join(issued.certificate.public_bytes(Encoding.PEM) for issued in chain)
            authority.certificate(name).write_bytes(key + certificates)
        authority.ca_file.write_bytes(ca.certificate.public_bytes(Encoding.PEM))
        return authority
