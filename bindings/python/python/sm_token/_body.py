"""Whether the body of a request can be sent a second time, and from where."""

from __future__ import annotations


class Body:
    """A body before it is sent: nothing, text, bytes, a file, or something that is used up by sending."""

    __slots__ = ("_content", "_start")

    def __init__(self, content: object) -> None:
        self._content = content
        self._start = _position(content)

    def rewind(self) -> bool:
        """Makes the body ready to be sent again; tells whether it is."""
        if self._content is None or isinstance(self._content, str | bytes | bytearray):
            return True
        if self._start is None:
            return False
        try:
            self._content.seek(self._start)  # type: ignore[attr-defined]
        except (OSError, ValueError):
            return False
        return True


def _position(content: object) -> int | None:
    tell, seek = getattr(content, "tell", None), getattr(content, "seek", None)
    if tell is None or seek is None:
        return None
    try:
        return int(tell())
    except (OSError, ValueError):
        # A pipe, or a file that is closed.
        return None
