"""Scripts of other origins (Fetch standard) and cookies (RFC 6750 section 5.3) at the resource server."""

from typing import Any

import pytest

from seqtest.actors.cors import origin_of
from seqtest.actors.resource_server import ResourceServer
from seqtest.auth import jwt
from seqtest.auth.keys import make_key
from seqtest.errors import UnplayableScenario
from seqtest.exchange import Headers, Request, Response

KEY = make_key("ES256", "k1", "auth")
SHOP = "https://shop.example"


def token(stage: Any) -> str:
    now = int(stage.clock.now())
    claims = {"iss": "https://auth.example", "sub": "123", "aud": "https://api.test", "client_id": "web", "jti": "j"}
    return jwt.sign({"typ": "at+jwt"}, {**claims, "iat": now, "exp": now + 300}, KEY)


@pytest.fixture
def api(stage: Any) -> Any:
    """Binds `api` with more settings."""
    stage.settings["auth"] = {"issuer": "https://auth.example"}
    stage.scripted_keys["auth"] = [KEY]

    def bind(**drawn: Any) -> Any:
        settings = {"trusts": "auth", **{name.replace("__", "."): value for name, value in drawn.items()}}
        return stage.bind("api", ResourceServer, settings)

    return bind


def sent(actor: Any, method: str, path: str = "/orders", **headers: str) -> Response:
    fields = Headers((name.replace("_", "-"), value) for name, value in headers.items())
    answer: Response = actor.handle(Request(method, f"https://api.test{path}", fields))
    return answer


def cors_fields(answer: Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers if name.lower().startswith("access-control-")}


def preflight(actor: Any, method: str = "GET", headers: str | None = None, origin: str = SHOP) -> Response:
    more = {} if headers is None else {"Access_Control_Request_Headers": headers}
    return sent(actor, "OPTIONS", Origin=origin, Access_Control_Request_Method=method, **more)


def test_without_settings_there_is_no_cors(api: Any, stage: Any) -> None:
    """A preflight is a request without a token, and no answer depends on the origin."""
    actor = api()

    assert preflight(actor).status == 401
    answer = sent(actor, "GET", Origin=SHOP, Authorization=f"Bearer {token(stage)}")
    assert (answer.status, cors_fields(answer), answer.headers.get("Vary")) == (200, {}, None)


def test_a_preflight_needs_no_token(api: Any) -> None:
    """It is answered 204 without a body, for the origin alone, and caches are told what it depends on."""
    answer = preflight(api(cors__origins=SHOP), "DELETE", "Authorization, content-type")

    assert (answer.status, answer.body, answer.headers.get("Content-Type")) == (204, b"", None)
    assert cors_fields(answer) == {
        "Access-Control-Allow-Origin": SHOP,
        "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
        "Access-Control-Allow-Headers": "Authorization, Content-Type, DPoP, X-CSRF-Token",
        "Access-Control-Max-Age": "600",
    }
    assert answer.headers.get("Vary") == "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": SHOP + ".evil.example"},
        {"origin": "http://shop.example"},
        {"origin": SHOP + ":444"},
        {"origin": SHOP.upper()},
        {"method": "TRACE"},
        {"method": "delete"},
        {"headers": "authorization, x-forwarded-for"},
    ],
)
def test_a_preflight_that_is_refused(api: Any, change: dict[str, str]) -> None:
    """Another origin, method or header: no field lets the script go on."""
    answer = preflight(api(cors__origins=SHOP, cors__credentials=True), **change)

    assert (answer.status, cors_fields(answer)) == (403, {})


def test_answers_and_refusals_are_for_the_origin(api: Any, stage: Any) -> None:
    """The script may read them and their challenge; another origin's may not; all depend on the origin."""
    actor = api(cors__origins=f"{SHOP} https://other.example", cors__credentials=True)
    good = f"Bearer {token(stage)}"

    assert cors_fields(sent(actor, "GET", Origin=SHOP, Authorization=good)) == {
        "Access-Control-Allow-Origin": SHOP,
        "Access-Control-Allow-Credentials": "true",
    }
    refused = sent(actor, "GET", Origin="https://other.example", Authorization="Bearer x")
    assert refused.status == 401
    assert cors_fields(refused)["Access-Control-Allow-Origin"] == "https://other.example"
    assert cors_fields(refused)["Access-Control-Expose-Headers"] == "WWW-Authenticate"
    for headers in ({"Origin": "https://evil.example"}, {}):
        answer = sent(actor, "GET", Authorization=good, **headers)
        assert (cors_fields(answer), answer.headers.get("Vary")) == ({}, "Origin")


def test_any_origin_without_cookies(api: Any, stage: Any) -> None:
    """`*` is the same for everybody, so nothing depends on the origin; with cookies it is no setting (SQ393)."""
    answer = sent(api(cors__origins="*"), "GET", Origin=SHOP, Authorization=f"Bearer {token(stage)}")

    assert cors_fields(answer) == {"Access-Control-Allow-Origin": "*"}
    assert answer.headers.get("Vary") is None
    with pytest.raises(UnplayableScenario, match="SQ393"):
        api(cors__origins="*", cors__credentials=True)


@pytest.mark.parametrize("origin", [SHOP + "/", "shop.example", "https://Shop.example", SHOP + ":443", SHOP + ":x"])
def test_what_is_no_origin(api: Any, origin: str) -> None:
    """It would never fit a field that browsers send (SQ394)."""
    with pytest.raises(UnplayableScenario, match="SQ394"):
        api(cors__origins=origin)


def test_origins() -> None:
    """Scheme, host and a port that is not the usual one."""
    assert origin_of("https://API.example:443/v1?x") == "https://api.example"
    assert origin_of("http://api.example:8080") == "http://api.example:8080"


def test_a_cookie_in_the_place_of_the_header(api: Any, stage: Any) -> None:
    """One of the two, where the settings say so, and not both."""
    good = token(stage)
    either = api(token_header="either")
    assert sent(either, "GET", Authorization=f"Bearer {good}").status == 200
    assert sent(either, "GET", Cookie=f"Bearer={good}").status == 200
    assert sent(either, "GET", Cookie=f"Bearer={good}", Authorization=f"Bearer {good}").status == 400
    assert sent(either, "GET", Cookie=f"Bearer={good}; Bearer={good}").status == 400
    assert sent(either, "GET").status == 401
    assert sent(api(), "GET", Cookie=f"Bearer={good}").status == 401
    assert sent(api(token_header="Cookie"), "GET", Authorization=f"Bearer {good}").status == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": SHOP}, 200),
        ({"Origin": "https://api.test"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_cookie_changes_nothing_from_elsewhere(
    api: Any, stage: Any, method: str, headers: dict[str, str], status: int
) -> None:
    """Only its own origin and those that are named; a bearer header needs no such defence."""
    actor = api(token_header="either", cors__origins=SHOP, cors__credentials=True)

    assert sent(actor, method, Cookie=f"Bearer={token(stage)}", **headers).status == status
    assert sent(actor, method, Authorization=f"Bearer {token(stage)}", **headers).status == 200
    assert sent(actor, "GET", Cookie=f"Bearer={token(stage)}", **headers).status == 200


@pytest.mark.parametrize(
    ("cookie", "field", "status"),
    [("; csrf_token=abc", "abc", 200), ("; csrf_token=abc", "abd", 403), ("; csrf_token=", "", 403), ("", "abc", 403)],
)
def test_double_submit(api: Any, stage: Any, cookie: str, field: str, status: int) -> None:
    """The cookie's value stands again in the field, and is not empty."""
    actor = api(token_header="Cookie", csrf="double_submit")

    answer = sent(
        actor, "POST", Cookie=f"Bearer={token(stage)}{cookie}", X_CSRF_Token=field, Origin="https://a.example"
    )

    assert answer.status == status


def test_a_session_endpoint(api: Any, stage: Any) -> None:
    """It sets the cookie for a good token alone, and clears it; no script can read it."""
    actor = api(token_header="either", session_endpoint="/session", token_cookie="__Host-t", cookie__same_site="Strict")
    good = token(stage)

    made = sent(actor, "POST", "/session", Authorization=f"Bearer {good}")
    assert made.status == 204
    assert made.headers.get("Set-Cookie") == f"__Host-t={good}; Secure; HttpOnly; Path=/; SameSite=Strict"
    assert sent(actor, "POST", "/session").headers.get("Set-Cookie") is None
    assert sent(actor, "POST", "/session", Authorization="Bearer x").status == 401
    gone = sent(actor, "DELETE", "/session", Cookie=f"__Host-t={good}", Origin="https://api.test")
    assert gone.status == 204
    assert "Max-Age=0" in str(gone.headers.get("Set-Cookie"))
    forged = sent(actor, "DELETE", "/session", Cookie=f"__Host-t={good}", Origin="https://evil.example")
    assert (forged.status, forged.headers.get("Set-Cookie")) == (403, None)
