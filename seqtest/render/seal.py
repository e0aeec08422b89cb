"""Whether a kept picture is still that of its drawing.

Another version of what makes PNG and PDF gives other bytes for the same drawing. So these two carry the digest of the
SVG they were made of, and it is the digests that are compared.
"""

import re
import struct
import zlib
from hashlib import sha256

_HEADER = 33
"""Bytes of a PNG's signature and its first chunk."""
_SEAL = re.compile(rb"seqtest-drawing:([0-9a-f]{64})")


def seal(svg: str) -> str:
    """The words that say which picture it is."""
    return f"seqtest-drawing:{sha256(svg.encode()).hexdigest()}"


def sealed_png(png: bytes, svg: str) -> bytes:
    """The PNG with its seal in a text chunk (PNG specification, section 11.3.3.2)."""
    body = b"tEXtSource\0" + seal(svg).encode("ascii")
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:_HEADER] + chunk + png[_HEADER:]


def is_current(kept: bytes, made: str | bytes) -> bool:
    """Whether what was kept is what is made now; line ends of another system do not count."""
    if isinstance(made, str):
        return kept.replace(b"\r\n", b"\n") == made.encode()
    if kept == made:
        return True
    one, other = _SEAL.search(kept), _SEAL.search(made)
    return one is not None and other is not None and one[1] == other[1]
