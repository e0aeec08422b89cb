"""Bodies that are packed, in another charset, escaped, or of another kind than their fields are drawn for."""

import gzip
import json
import zlib
from typing import Any

import pytest

from seqtest.contents.body import LARGEST
from seqtest.exchange import Headers, Request, Response

JSON, TEXT = "application/json", "text/plain"


def codes(failures: Any) -> list[str]:
    return [failure.code for failure in failures]


def answer(body: bytes, kind: str = JSON, *more: tuple[str, str]) -> Response:
    return Response(200, Headers([("Content-Type", kind), *more]), body)


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(body) + packer.flush()


PACKED = [
    ("gzip", gzip.compress),
    ("X-GZip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("identity", bytes),
    ("deflate, gzip", lambda body: gzip.compress(zlib.compress(body))),
    ("gzip", lambda body: gzip.compress(body[:5]) + gzip.compress(body[5:])),
]


@pytest.mark.parametrize(("coding", "pack"), PACKED)
def test_a_packed_body_is_read_as_its_reader_has_it(kit: Any, coding: str, pack: Any) -> None:
    """`body lacks` and the secrets of a run are looked for in what is unpacked."""
    packed = ("Content-Encoding", coding)
    plain = answer(pack(b'{"a": 1, "note": "wonderland"}'), JSON, packed)
    secret = answer(pack(b'{"a": 1, "password": "wonderland"}'), JSON, packed)

    assert kit.check("a = 1", plain) == []
    assert codes(kit.check("note absent", plain)) == ["SQ552"]
    assert codes(kit.check("body lacks wonderland", plain)) == ["SQ550"]
    assert codes(kit.check("a = 1", secret)) == ["SQ560"]


@pytest.mark.parametrize(
    ("coding", "body", "words"),
    [
        ("br", b"\x0b\x02\x80abc", "packed with `br`, which cannot be unpacked here"),
        ("gzip", b"no gzip", "not packed with `gzip`"),
        ("gzip", gzip.compress(b'{"a": 1}')[:-9], "ends before all of it"),
        ("gzip", gzip.compress(bytes(LARGEST + 1)), "longer than 10,000,000 bytes"),
    ],
    ids=["unknown", "another", "cut off", "too long"],
)
@pytest.mark.parametrize("line", ["a = 1", "a absent", "body lacks x", "body present", "json.a absent"])
def test_a_body_that_cannot_be_unpacked_is_no_proof(kit: Any, coding: str, body: bytes, words: str, line: str) -> None:
    """Neither that something stands in it, nor that it does not."""
    (failure,) = kit.check(line, answer(body, JSON, ("Content-Encoding", coding)))

    assert failure.code == "SQ556"
    assert words in failure.message


def test_a_packed_form_has_its_fields(kit: Any) -> None:
    """Of a request, too; one that cannot be unpacked has none, and is not closed."""
    kind, packed = ("Content-Type", "application/x-www-form-urlencoded"), ("Content-Encoding", "gzip")
    request = Request("POST", "https://auth.test/token", Headers([kind, packed]), gzip.compress(b"a=1&b=2"))
    broken = Request("POST", "https://auth.test/token", Headers([kind, packed]), b"a=1&b=2")

    assert kit.check_request("a = 1", request) == []
    assert codes(kit.check_request("form.b absent", request)) == ["SQ552"]
    assert codes(kit.check_request("form.c absent", broken)) == ["SQ556"]
    assert codes(kit.check_request("nothing else", broken)) == ["SQ557"]


@pytest.mark.parametrize("charset", ["iso-8859-1", "utf-16", "utf-16-le", "UTF-8", "windows-1252"])
def test_a_text_is_in_the_charset_of_its_type(kit: Any, charset: str) -> None:
    """`body lacks` looks for letters, not for bytes."""
    body = answer("a sécret".encode(charset), f"{TEXT}; charset={charset}")

    assert codes(kit.check("body lacks sécret", body)) == ["SQ550"]
    assert kit.check("body contains sécret", body) == []
    assert kit.check("body = a sécret", body) == []


def test_a_byte_order_mark_says_the_charset(kit: Any) -> None:
    """An unknown charset is read as UTF-8."""
    assert codes(kit.check("body lacks secret", answer("secret".encode("utf-16"), TEXT))) == ["SQ550"]
    assert codes(kit.check("body lacks secret", answer(b"secret", f"{TEXT}; charset=x-odd"))) == ["SQ550"]


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("sécret", answer(json.dumps({"a": ["sécret"]}).encode())),
        ("sécret", answer(json.dumps({"sécret": 1}).encode())),
        ("tea/party", answer(b'{"a": "tea\\/party"}')),
        ("tea&party", answer(b"<p>tea&amp;party</p>", "text/html")),
    ],
)
def test_what_is_escaped_has_leaked_all_the_same(kit: Any, text: str, body: Response) -> None:
    """JSON and HTML write one text in several ways."""
    assert codes(kit.check(f"body lacks {text}", body)) == ["SQ550"]
    assert kit.check("body lacks another", body) == []


MULTIPART = b'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\nwonderland\r\n--x--\r\n'


@pytest.mark.parametrize(
    ("kind", "body"), [("multipart/form-data; boundary=x", MULTIPART), (TEXT, b"password=wonderland")]
)
@pytest.mark.parametrize(("method", "line"), [("POST", "form.password absent"), ("GET", "password absent")])
def test_of_a_body_of_another_kind_nobody_can_tell_what_is_absent(
    kit: Any, kind: str, body: bytes, method: str, line: str
) -> None:
    """Named outright or in a GET it is no more to be told."""
    request = Request(method, "https://auth.test/token", Headers([("Content-Type", kind)]), body)

    assert codes(kit.check_request(line, request, label=f"{method} /token")) == ["SQ556"]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_json_that_does_not_say_so_is_looked_into(kit: Any, method: str) -> None:
    """Some servers read it all the same."""
    request = Request(method, "https://auth.test/token", Headers(), b'{"password": "x"}')

    assert codes(kit.check_request("password absent", request, label=f"{method} /token")) == ["SQ552"]
    assert kit.check_request("other absent", request, label=f"{method} /token") == []


@pytest.mark.parametrize("line", ["Content-Type: application/json", "Cache-Control absent", "a = 1"])
def test_a_member_that_stands_twice_fails_whatever_is_drawn(kit: Any, line: str) -> None:
    """Readers differ in which one they take."""
    assert codes(kit.check(line, answer(b'{"a": 1, "b": {"c": 1, "c": 2}}'))) == ["SQ556"]
    assert kit.check("Content-Type: application/json", answer(b"no JSON")) == []


def test_a_time_of_json_counts_from_its_sibling(kit: Any) -> None:
    """`json.exp` is the field `exp`."""
    body = kit.json({"iat": 1000, "exp": 1300})

    assert kit.check("json.exp = iat + 5 minutes", body) == []
    assert codes(kit.check("json.exp = iat + 6 minutes", body)) == ["SQ550"]


def test_a_blank_of_another_alphabet_separates_no_words(kit: Any) -> None:
    """RFC 6749 section 3.3; of what must not be there it does."""
    body = kit.json({"scope": "read\u00a0admin"})

    assert codes(kit.check("scope contains admin", body)) == ["SQ550"]
    assert codes(kit.check("scope lacks admin", body)) == ["SQ550"]


def test_the_length_of_a_packed_body_is_that_of_what_is_sent(kit: Any) -> None:
    """Not of what it is unpacked to: the connection carries the packed one."""
    body, packed = gzip.compress(b'{"a": 1}', mtime=0), ("Content-Encoding", "gzip")

    assert kit.check("a = 1", answer(body, JSON, packed, ("Content-Length", str(len(body))))) == []
    assert codes(kit.check("a = 1", answer(body, JSON, packed, ("Content-Length", "8")))) == ["SQ570"]
