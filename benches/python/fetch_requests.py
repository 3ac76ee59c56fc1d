"""One access token with requests, by hand."""

import os

import requests

answer = requests.post(
    os.environ["SMX_BASE_URL"] + "/o/token/",
    data={"grant_type": "client_credentials"},
    auth=(os.environ["SMX_CLIENT_ID"], os.environ["SMX_CLIENT_SECRET"]),
    verify=os.environ["SM_TOKEN_CA_FILE"],
    timeout=30,
)
answer.raise_for_status()
print("Bearer", answer.json()["access_token"])
