"""One access token with this library."""

import os

import sm_token

print(sm_token.fetch(ca_file=os.environ.get("SM_TOKEN_CA_FILE")).authorization)
