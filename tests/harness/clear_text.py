"""URLs that the adapters for HTTP libraries refuse."""

# Where a token would go in clear text: not this machine, or only for some resolvers.
CLEAR_TEXT = [
    "http://api.example.test/v1/",
    "HTTP://API.EXAMPLE.TEST:8080/v1/",
    "http://localhost.example.test/",
    "http://localhost./",
    "http://127.0.0.1.example.test/",
    "http://127.1/",
    "http://2130706433/",
    "http://[::ffff:127.0.0.1]/",
    "http://localhost@api.example.test/",
    "http://0.0.0.0/",
]
