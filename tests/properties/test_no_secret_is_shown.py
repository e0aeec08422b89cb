"""No password, key, whole token or signature of a run is in anything that seqtest shows or writes of it.

What is a secret is worked out here from the messages themselves, not by the code that masks.
"""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote_plus, urlsplit

import pytest

from seqtest import api
from seqtest.diagram.read import read
from seqtest.errors import Diagnostic
from seqtest.exchange import Action, Request, Response, Result
from seqtest.render.annotated import annotate
from seqtest.render.failure import failure
from seqtest.render.grid import ansi
from seqtest.render.happened import draw_run
from seqtest.render.json_trace import json_of_run
from seqtest.render.mermaid import mermaid_of_run
from seqtest.render.pictured import draw_run_svg
from seqtest.source import Source
from seqtest.verdict import Verdict

DIAGRAMS = Path(__file__).parents[2] / "diagrams"
FLOWS = sorted(DIAGRAMS.rglob("*.puml"))
START = 1_767_225_600.0
RENDERERS: dict[str, Callable[[Verdict], str]] = {
    "picture": draw_run,
    "annotated": annotate,
    "json": json_of_run,
    "mermaid": mermaid_of_run,
    "svg": draw_run_svg,
}

_JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.([\w-]{16,})(?:\.[\w-]+\.[\w-]+)?")
_FIELD = re.compile(
    r"(access|refresh|id|subject|actor|logout)_token|token|code|device_code|code_verifier|password|client_secret"
    r"|client_assertion|assertion|request_uri|session|auth_req_id",
)
_SETTING = re.compile(r"(.*\.)?(password|secret|client_secret)")
_COOKIE = re.compile(r"([^=;\s]+)=([^;\s]+)")
SHORTEST = 8
"""A shorter text may be in a picture by chance."""


def secrets_of(case: api.Ready, verdict: Verdict) -> set[str]:
    """Whatever in settings, messages and keys would open something."""
    found = {text for one in verdict.trace.occurrences for text in _in_message(one.content)}
    for settings in case.prepared.context.settings.values():
        found |= {str(value) for path, value in settings.items() if _SETTING.fullmatch(path)}
    for player in case.prepared.players.values():
        key = player.private_key(None, None)
        if key is not None:
            found |= set(_private_parts(key))
    return {text for text in found if len(text) >= SHORTEST}


def _private_parts(key: Any) -> Iterator[str]:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    material = key.material
    if isinstance(material, bytes):
        yield base64.urlsafe_b64encode(material).decode().rstrip("=")
        return
    numbers = (
        material.private_numbers() if isinstance(material, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) else None
    )
    if numbers is not None:
        number = numbers.private_value if hasattr(numbers, "private_value") else numbers.d
        yield str(number)
        raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
        yield base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _in_message(content: Any) -> Iterator[str]:
    if isinstance(content, Action | Result):
        yield from _in_value(dict(content.fields))
        return
    if not isinstance(content, Request | Response):
        return
    body = content.body.decode("utf-8", "replace")
    texts = [body, *(value for _, value in content.headers)]
    if isinstance(content, Request):
        texts.append(content.url)
        yield from _in_pairs(urlsplit(content.url).query)
    for text in (*texts, *(unquote_plus(text) for text in texts)):
        for match in _JWT.finditer(text):
            yield match[0]
            yield match[1]
    for name, value in content.headers:
        if name.lower() == "authorization":
            scheme, _, credentials = value.partition(" ")
            yield credentials
            if scheme.lower() == "basic":
                name_and_secret = base64.b64decode(credentials).decode()
                yield name_and_secret
                yield unquote_plus(name_and_secret.partition(":")[2])
        elif name.lower() in ("cookie", "set-cookie"):
            pairs = _COOKIE.findall(value)
            yield from (held for _, held in (pairs if name.lower() == "cookie" else pairs[:1]))
        elif name.lower() == "location":
            yield from _in_pairs(urlsplit(value).query)
            yield from _in_pairs(urlsplit(value).fragment)
    if body[:1] in "{[":
        try:
            yield from _in_value(json.loads(body))
        except ValueError:
            return
    else:
        yield from _in_pairs(body)


def _in_pairs(text: str) -> Iterator[str]:
    yield from (value for name, value in parse_qsl(text) if _FIELD.fullmatch(name))


def _in_value(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _in_value(member, key)
    elif isinstance(value, list):
        for member in value:
            yield from _in_value(member, name)
    elif isinstance(value, str) and _FIELD.fullmatch(name):
        yield value


def spellings(secret: str) -> set[str]:
    """The secret as it would look inside a form, an address, JSON, a JSON text in JSON, base64 and base64url."""
    once = json.dumps(secret)[1:-1]
    encoded = base64.b64encode(secret.encode()).decode()
    return {
        secret, quote(secret, safe=""), quote_plus(secret), once, json.dumps(once)[1:-1],
        encoded.rstrip("="), encoded.replace("+", "-").replace("/", "_").rstrip("="),
    }  # fmt: skip


def shown(text: str, secrets: set[str]) -> list[str]:
    """The secrets that the text shows, as far as one may say."""
    return [f"{secret[:6]}… ({len(secret)})" for secret in secrets if any(one in text for one in spellings(secret))]


def played(text: str, name: str = "flow.puml") -> Iterator[tuple[api.Ready, Verdict]]:
    """Each case of the drawing that can be played."""
    for diagram in read(Source(name, text)):
        for scenario in api.cases(diagram):
            try:
                case = api.ready(scenario, {}, start=START)
                yield case, api.play(case, lints=())
            except Diagnostic:
                continue


def test_what_is_looked_for_is_there() -> None:
    """The flows that we ship have secrets of each kind, and a text that holds one is found out."""
    case, verdict = next(played((DIAGRAMS / "password-login.puml").read_text()))
    secrets = secrets_of(case, verdict)

    assert len(secrets) >= 3
    for secret in secrets:
        for spelling in spellings(secret):
            assert shown(f"x{spelling}x", {secret})
    assert shown("nothing", secrets) == []


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_renderings_of_kept_runs(path: Path) -> None:
    """All of them, of each case of each flow."""
    for case, verdict in played(path.read_text(), str(path)):
        secrets = secrets_of(case, verdict)
        assert verdict.is_kept
        for name, render in RENDERERS.items():
            assert shown(render(verdict), secrets) == [], (name, verdict.script.scenario.id)


_CHECKED = re.compile(r"^(\s+[\w.]+ (?:=|:) )(?!.*\{)(\S.*)$")


def broken(text: str, step: int) -> Iterator[str]:
    """The drawing with one line's value made another (too short to count as a secret), for one line in so many."""
    lines = text.split("\n")
    numbers = [number for number, line in enumerate(lines) if _CHECKED.match(line)]
    for number in numbers[:: max(1, len(numbers) // step)]:
        yield "\n".join((*lines[:number], _CHECKED.sub(r"\1wrong", lines[number]), *lines[number + 1 :]))


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_renderings_of_broken_runs(path: Path) -> None:
    """The failure's text, coloured or not, and every picture of it."""
    count = 0
    for text in broken(path.read_text(), 3):
        try:
            runs = [pair for pair in played(text, str(path)) if not pair[1].is_kept][:2]
        except Diagnostic:
            continue
        for case, verdict in runs:
            secrets = secrets_of(case, verdict)
            count += 1
            assert shown(failure(verdict), secrets) == []
            assert shown(re.sub(r"\x1b\[[\d;]*m", "", failure(verdict, style=ansi)), secrets) == []
            # Words of the drawing are masked where a finding is shown, not in the finding.
            assert shown(repr(verdict.failures), {one for one in secrets if one not in text}) == []
            for name, render in RENDERERS.items():
                assert shown(render(verdict), secrets) == [], name
    assert count


def test_what_pytest_prints_and_writes(tmp_path: Path) -> None:
    """At -vv, with logs, warnings, junitxml, cache, report and saved run: for kept and broken runs, nothing whole."""
    secrets: set[str] = set()
    for path in FLOWS:
        if path.name == "istio.puml":  # its policies lie beside it
            continue
        text = path.read_text()
        (tmp_path / path.name).write_text(text)
        for number, wrong in enumerate(broken(text, 1)):
            (tmp_path / f"{path.stem}-{number}.puml").write_text(wrong)
        for source in (text, *broken(text, 1)):
            try:
                for case, verdict in played(source):
                    secrets |= secrets_of(case, verdict)
            except Diagnostic:
                continue
    drawn = {path.name: path.read_text() for path in tmp_path.glob("*.puml")}
    written_out = {secret for secret in secrets if any(secret in text for text in drawn.values())}
    (tmp_path / "pytest.ini").write_text("[pytest]\nseqtest_start = 2026-01-01T00:00:00Z\nlog_level = DEBUG\n")

    command = [sys.executable, "-m", "pytest", "-p", "seqtest", "-vv", "-rA", "--tb=long", "--junitxml=junit.xml"]
    command += ["--color=yes", "-o", "log_cli=true", "-o", "junit_logging=all", "--showlocals", "."]
    command += ["--seqtest-report=site", "--seqtest-save=run.json"]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 1, done.stdout[-2000:]
    assert "failed[SQ" in done.stdout
    printed = re.sub(r"\x1b\[[\d;]*m", "", done.stdout + done.stderr)
    assert shown(printed, secrets) == []
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".puml"]
    assert {tmp_path / "junit.xml", tmp_path / "run.json", tmp_path / "site/index.html"} <= {*files}
    for path in files:
        text = path.read_bytes().decode("latin-1")
        # The cache keeps drawings as they are: what their authors wrote into them is in them. A page has the source of
        # the ways, too, that its case did not take, with what is no secret there: a wrong password, a made-up token.
        has_source = {"seqtest", ".seqtest_cache", "site", "run.json"} & {*path.relative_to(tmp_path).parts}
        known = written_out if has_source or "seqtest" in path.parts else set()
        assert shown(text, secrets - known) == [], path.relative_to(tmp_path)
