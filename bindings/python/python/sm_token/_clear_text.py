"""Where a token may not go: over `http:`, but to this machine."""

from __future__ import annotations

from sm_token._errors import exception_of

INSECURE_URL = 13


def refuse_clear_text(scheme: str | None, host: str | None) -> None:
    """Raises ConfigError, unless the scheme is https, or http to 127.0.0.0/8, [::1] or exactly localhost."""
    if scheme == "https" or (scheme == "http" and _is_loopback(host or "")):
        return
    message = (
        f"the token is not sent over {scheme or 'no scheme'}: to {host or 'no host'}, because others could "
        "read it; only https: is allowed, and http: to 127.0.0.0/8, [::1] and localhost"
    )
    raise exception_of(message, INSECURE_URL, code="INSECURE_URL")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    import ipaddress

    # Their own parsers take no shortened, octal or mapped address, of which a resolver makes something else.
    try:
        return ipaddress.IPv4Address(host) in ipaddress.IPv4Network("127.0.0.0/8")
    except ValueError:
        pass
    try:
        return ipaddress.IPv6Address(host.strip("[]")) == ipaddress.IPv6Address("::1")
    except ValueError:
        return False
