"""One access token with aiohttp, by hand."""

import asyncio
import os
import ssl

import aiohttp


async def fetch() -> str:
    trusted = ssl.create_default_context(cafile=os.environ["SM_TOKEN_CA_FILE"])
    basic = aiohttp.encode_basic_auth(os.environ["SMX_CLIENT_ID"], os.environ["SMX_CLIENT_SECRET"])
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusted), raise_for_status=True) as session,
        session.post(
            os.environ["SMX_BASE_URL"] + "/o/token/",
            data={"grant_type": "client_credentials"},
            headers={"Authorization": basic},
        ) as answer,
    ):
        token: str = (await answer.json())["access_token"]
        return token


print("Bearer", asyncio.run(fetch()))
