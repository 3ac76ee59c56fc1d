"""One access token with requests-oauthlib."""

import os

from oauthlib.oauth2 import BackendApplicationClient
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

session = OAuth2Session(client=BackendApplicationClient(client_id=os.environ["SMX_CLIENT_ID"]))
token = session.fetch_token(
    os.environ["SMX_BASE_URL"] + "/o/token/",
    auth=HTTPBasicAuth(os.environ["SMX_CLIENT_ID"], os.environ["SMX_CLIENT_SECRET"]),
    verify=os.environ["SM_TOKEN_CA_FILE"],
    timeout=30,
)
print("Bearer", token["access_token"])
