"""The text of a file from outside: there, not too large, UTF-8; or an error that says why not."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from meshkg.errors import DocumentError, Place, Problem
from meshkg.words import Text

__all__ = ["MAX_BYTES", "read_text", "refusal"]

#: The largest file that is read, in bytes; a comparison document has some ten thousand.
MAX_BYTES: Final = 2_000_000

_OTHER_ENCODINGS: Final = ("cp932", "euc_jp", "utf-16")


def read_text(path: Path, max_bytes: int) -> tuple[str, bytes]:
    """Return the text of a file, and its bytes.

    Raises:
        DocumentError: it is not there, too large, or not UTF-8.
    """
    data = _bytes(path, max_bytes)
    try:
        return data.decode("utf-8-sig"), data
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        guess = next((name for name in _OTHER_ENCODINGS if _decodes(data, name)), "")
        en = f"not UTF-8 (byte 0x{data[error.start]:02x})" + (guess and f"; it may be {guess}")
        ja = f"UTF-8ではありません (バイト0x{data[error.start]:02x})"
        ja += guess and f"。{guess}かもしれません"
        raise refusal(path.name, Text(en, ja), line=line, rule="encoding") from None


def refusal(file: str, text: Text, *, line: int = 0, rule: str = "not-a-document") -> DocumentError:
    """Return the error for a file that cannot be read at all."""
    return DocumentError([Problem(Place(file=file, line=line), text, rule)])


def _bytes(path: Path, max_bytes: int) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(max_bytes + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        text = Text(f"cannot be opened: {reason}", f"開けません: {reason}")
        raise refusal(str(path), text) from None
    if len(data) > max_bytes:
        en = f"larger than {max_bytes:,} bytes; split it or raise MESHKG_MAX_DOCUMENT_BYTES"
        ja = f"{max_bytes:,}バイトを超えています。"
        ja += "分割するか、MESHKG_MAX_DOCUMENT_BYTESを上げてください"
        raise refusal(path.name, Text(en, ja), rule="too-large")
    return data


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
