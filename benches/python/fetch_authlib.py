"""One access token with Authlib, on requests."""

import os

from authlib.integrations.requests_client import OAuth2Session

session = OAuth2Session(os.environ["SMX_CLIENT_ID"], os.environ["SMX_CLIENT_SECRET"])
token = session.fetch_token(
    os.environ["SMX_BASE_URL"] + "/o/token/",
    grant_type="client_credentials",
    verify=os.environ["SM_TOKEN_CA_FILE"],
    timeout=30,
)
print("Bearer", token["access_token"])
