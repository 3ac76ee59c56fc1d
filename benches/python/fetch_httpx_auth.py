"""One access token with httpx-auth, on httpx."""

import os
import ssl

import httpx
from httpx_auth import OAuth2ClientCredentials

trusted = ssl.create_default_context(cafile=os.environ["SM_TOKEN_CA_FILE"])
with httpx.Client(verify=trusted, timeout=30) as client:
    auth = OAuth2ClientCredentials(
        os.environ["SMX_BASE_URL"] + "/o/token/",
        os.environ["SMX_CLIENT_ID"],
        os.environ["SMX_CLIENT_SECRET"],
        client=client,
    )
    _, token, *_ = auth.request_new_token()
print("Bearer", token)
