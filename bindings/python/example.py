"""Fetches an access token and shows what came with it, the token itself masked.

The credentials come from SMX_CLIENT_ID and SMX_CLIENT_SECRET, the service from SMX_BASE_URL where it
is set: the package reads all three. SM_TOKEN_CA_FILE is this program's own.
"""

import os
import sys

import sm_token

try:
    token = sm_token.fetch(ca_file=os.environ.get("SM_TOKEN_CA_FILE"))
except sm_token.Error as error:
    print(f"no token: {error}", file=sys.stderr)
    if error.retry_after is not None:
        print(f"try again in {error.retry_after:.1f} s", file=sys.stderr)
    sys.exit(1)

text = token.access_token
print(f"  type     {token.token_type}")
print(f"  scope    {token.scope}")
print(f"  expires  in {token.expires_in.total_seconds():.0f} seconds")
print(f"  token    {text[:4]}... ({len(text)} characters)")
