"""The Django site of the real server: django-oauth-toolkit on its default mount, and what it protects.

Imports of what needs a configured Django stand inside the functions, after `open_site`.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import Any

from servers import credentials

# Given to the site by `open_site`; one process holds one site, since Django's settings are global.
Wsgi = Any


def open_site(directory: Path, lifetime_s: int) -> Wsgi:
    """Makes the database in `directory` with the two applications and gives the WSGI application."""
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    apps = ["django.contrib.auth", "django.contrib.contenttypes", "oauth2_provider"]
    settings.configure(
        ALLOWED_HOSTS=["*"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": directory / "oauth.sqlite3",
                "OPTIONS": {
                    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF",
                    "transaction_mode": "IMMEDIATE",
                    "timeout": 30,
                },
            }
        },
        INSTALLED_APPS=apps,
        # The tables are made from the models at once: replaying their history would double the start.
        MIGRATION_MODULES={app.rpartition(".")[2]: None for app in apps},
        LOGGING_CONFIG=None,
        OAUTH2_PROVIDER={
            "SCOPES": {"all": "Everything", "read": "Reading", "write": "Writing"},
            "ACCESS_TOKEN_EXPIRE_SECONDS": lifetime_s,
            # So that `set_lifetime` counts from the next request.
            "ALWAYS_RELOAD_OAUTHLIB_CORE": True,
        },
        # A hash that is slow by design would make a fleet's load test measure the hash.
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        ROOT_URLCONF="servers.site_urls",
        SECRET_KEY="only for one run on loopback",
        USE_TZ=True,
    )
    django.setup()
    # Refusals are what the tests are after; only a failure of the site itself is news.
    logging.getLogger("django.request").setLevel(logging.ERROR)
    call_command("migrate", run_syncdb=True, verbosity=0)
    add_application(credentials.CLIENT_ID, credentials.CLIENT_SECRET)
    add_application(credentials.ODD_CLIENT_ID, credentials.ODD_CLIENT_SECRET)
    return get_wsgi_application()


def add_application(client_id: str, client_secret: str) -> dict[str, object]:
    from django.db import connection
    from oauth2_provider.models import Application

    try:
        Application.objects.create(
            name=client_id,
            client_id=client_id,
            client_secret=client_secret,
            client_type=Application.CLIENT_CONFIDENTIAL,
            authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
        )
        return {}
    finally:
        connection.close()


def delete_application(client_id: str) -> int:
    """Deletes an application and its tokens; tells how many applications that were."""
    from django.db import connection
    from oauth2_provider.models import Application

    try:
        _, deleted = Application.objects.filter(client_id=client_id).delete()
        return int(deleted.get("oauth2_provider.Application", 0))
    finally:
        connection.close()


def set_lifetime(seconds: int) -> None:
    from oauth2_provider.settings import oauth2_settings

    oauth2_settings.ACCESS_TOKEN_EXPIRE_SECONDS = seconds


def issued(client_id: str | None = None) -> list[str]:
    """Every token that was given out, to this application or to any, and not revoked."""
    from django.db import connection
    from oauth2_provider.models import AccessToken

    try:
        tokens = AccessToken.objects.all()
        if client_id is not None:
            tokens = tokens.filter(application__client_id=client_id)
        return list(tokens.values_list("token", flat=True))
    finally:
        connection.close()


def revoke(token: str) -> int:
    """Revokes one token and tells how many that were: 0 for a token that the server does not know."""
    from oauth2_provider.models import AccessToken

    found = AccessToken.objects.filter(token_checksum=hashlib.sha256(token.encode()).hexdigest())
    return _revoke_each(found)


def revoke_all() -> int:
    from oauth2_provider.models import AccessToken

    return _revoke_each(AccessToken.objects.all())


def _revoke_each(tokens: Any) -> int:
    from django.db import connection

    try:
        return sum(1 for token in tokens if token.revoke() is None)
    finally:
        # Control requests run on threads of their own, outside Django's request cycle.
        connection.close()
