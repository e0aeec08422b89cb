"""The guide to a mock server: what it shows is served as it says."""

import re
import shlex
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import requests

from seqtest.auth import pkce
from seqtest.cli.serve import _setting
from seqtest.cli.serving import diagram_of, scenario_of, serve
from seqtest.settings import pairs
from seqtest.source import Source

GUIDE = (Path(__file__).parents[2] / "docs/guides/mock-server.md").read_text()


def test_without_a_drawing() -> None:
    """The first command's settings let `curl` have a token."""
    words = shlex.split(re.search(r"    (seqtest serve auth(?:\\\n|.)*)", GUIDE)[1].replace("\\\n", ""))  # type: ignore[index]
    texts = [words[index + 1] for index, word in enumerate(words) if word == "--set"]
    drawn = [_setting(name, value) for name, value in pairs(texts, "--set").items()]
    with serve(scenario_of(Source("<kinds>", diagram_of([words[2]]))), {}, drawn=drawn) as found:
        url = found.served[0].url
        form = {"grant_type": "client_credentials"}
        answer = requests.post(f"{url}/token", form, auth=("web", "tea-party"), timeout=5)

    assert len(drawn) == 3
    assert answer.json()["token_type"] == "Bearer"


def test_with_a_drawing() -> None:
    """The drawing serves a provider whose pages ask for a password and consent, and an API that takes its tokens."""
    text = re.search(r"```plantuml\n(.*?)```", GUIDE, re.DOTALL)[1]  # type: ignore[index]
    with serve(scenario_of(Source("dev.puml", text)), {}) as found, requests.Session() as browser:
        url = {one.participant: one.url for one in found.served}
        query = {
            "response_type": "code",
            "client_id": "web",
            "redirect_uri": "http://localhost:8000/callback",
            "scope": "openid email",
            "code_challenge": pkce.S256("v" * 43),
            "code_challenge_method": "S256",
        }
        page = browser.get(f"{url['op']}/authorize", params=query, timeout=5)
        asked = browser.post(page.url, {**_hidden(page), "login": "alice", "password": "wonderland"}, timeout=5)
        back = browser.post(asked.url, {**_hidden(asked), "consent": "allow"}, allow_redirects=False, timeout=5)
        form = {
            "grant_type": "authorization_code",
            "code": parse_qs(urlsplit(back.headers["Location"]).query)["code"][0],
            "redirect_uri": query["redirect_uri"],
            "code_verifier": "v" * 43,
        }
        token = requests.post(f"{url['op']}/token", form, auth=("web", "tea-party"), timeout=5).json()["access_token"]
        answer = requests.get(f"{url['api']}/users/123", headers={"Authorization": f"Bearer {token}"}, timeout=5)

    assert list(url) == ["op", "api"]
    assert answer.json()["sub"] == "123"


def _hidden(page: requests.Response) -> dict[str, str]:
    return dict(re.findall('name="(csrf)" value="([^"]+)"', page.text))
