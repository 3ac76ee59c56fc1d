"""The library beside curl and Python, in one situation after the other."""
