"""What the command line chooses of the keywords of `fetch()`."""

from typing import TypedDict


class Choices(TypedDict, total=False):
    base_url: str
    scope: str
    ca_file: str
    client_id_file: str
    client_secret_file: str
    timeout: float
