"""The credentials that the servers know. They open nothing else."""

CLIENT_ID = "integration-client"
CLIENT_SECRET = "integration-secret-3f9d1c7a52"

# Full of characters that RFC 6749 section 2.3.1 wants form-urlencoded before they are joined.
ODD_CLIENT_ID = "odd:id+%41 é"
ODD_CLIENT_SECRET = "s%c+r&t=/: ~ŝécrét%2B"
