"""A token opened for a reader: header and claims, times as dates beside the run's clock, the signature never."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from seqtest.exchange import Request, Response
from seqtest.render.grid import clean, cut
from seqtest.render.mask import Masker, shown
from seqtest.render.wire import Content
from seqtest.scenario.duration import in_units
from seqtest.verdict.fields import fields

TIMES = frozenset(("exp", "iat", "nbf", "auth_time", "updated_at"))
OPENED = "opened (the signature is not shown)"
_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*(?!\.[\w-]*\.|[\w-])")
"""Not the first parts of an encrypted token, which nobody can open here."""


def tokens_in(content: Content) -> Iterator[tuple[str, str]]:
    """Every JWT among a message's fields: the field's name and the token, each token once."""
    if not isinstance(content, Request | Response):
        return
    seen: set[str] = set()
    for name, value in fields(content):
        for token in _TOKEN.findall(value) if isinstance(value, str) else ():
            if token not in seen and not _is_session(name, token):
                seen.add(token)
                yield name, token
    if content.body[:3] == b"eyJ" and (whole := _TOKEN.fullmatch(content.body.decode("utf-8", "replace").strip())):
        yield "body", whole[0]


def _is_session(name: str, value: str) -> bool:
    """What a framework signs and keeps in a cookie looks like a JWT from outside, and nobody takes it for one."""
    from seqtest.contents.kinds import is_readable_token

    return name.lower() in ("cookie", "set-cookie") and not is_readable_token(value)


def opened(name: str, token: str, now: float, masker: Masker) -> list[str]:
    """The token's header and claims, a line each; empty when it is no JWT after all."""
    from seqtest.auth.jwt import TokenError, read

    try:
        read_token = read(token)
    except TokenError as error:
        return [f"{name} {shown(token)} cannot be opened: {error}"]
    lines = [f"{name} {shown(token)} {OPENED}"]
    for title, members in (("header", read_token.header), ("claims", read_token.claims)):
        lines += _members(title, members, now, masker)
    return lines


def _members(title: str, members: Mapping[str, Any], now: float, masker: Masker) -> Iterator[str]:
    for number, (name, value) in enumerate(members.items()):
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        line = f"  {title if not number else '':<6}  {name} = {masker.value(name, text)}"
        yield cut(clean(line + _moment(name, value, now)), 160)


def _moment(name: str, value: Any, now: float) -> str:
    return f"   {moment(value)}, {in_words(name, value, now)}" if is_moment(name, value) else ""


def in_words(name: str, value: float, now: float) -> str:
    """Where a point in time lies, seen from the run's clock: `expires in 5 minutes`, `1 minute ago`."""
    if name == "exp":
        return f"expired {in_units(now - value)} ago" if value <= now else f"expires in {in_units(value - now)}"
    if name == "nbf" and value > now:
        return f"not valid for another {in_units(value - now)}"
    return f"{in_units(now - value)} ago" if value <= now else f"{in_units(value - now)} ahead"


def is_moment(name: str, value: Any) -> bool:
    """Whether that claim is a point in time (a NumericDate, RFC 7519 section 2)."""
    return name in TIMES and not isinstance(value, bool) and isinstance(value, int | float) and 0 < value < 1e11


def moment(seconds: float) -> str:
    """`2026-01-31 12:00:00 UTC` for seconds since the epoch."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
