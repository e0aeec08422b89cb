"""The gateway: Istio's RequestAuthentication and AuthorizationPolicy, with Envoy's answers."""

import json
from pathlib import Path
from typing import Any

import pytest

from seqtest.actors.gateway import Gateway, normalized
from seqtest.auth import base64url, jwt
from seqtest.auth.challenge import challenges
from seqtest.auth.keys import make_key, public_jwk, secret_key
from seqtest.errors import Unanswerable, UnplayableScenario
from seqtest.exchange import Headers, Lost, Request, Response

KEY = make_key("ES256", "k1", "auth")
OTHER = make_key("ES256", "k1", "partner")


class Upstream:
    """Answers 200 and keeps what came."""

    def __init__(self) -> None:
        self.seen: list[Request] = []

    def __call__(self, message: Any) -> Response:
        self.seen.append(message)
        return Response(200, Headers([("Content-Type", "application/json")]), b"{}")


@pytest.fixture
def api(stage: Any) -> Upstream:
    stage.settings["auth"] = {"issuer": "https://auth.example"}
    stage.settings["partner"] = {"issuer": "https://partner.example"}
    stage.kinds.update(auth="authorization-server", partner="authorization-server")
    stage.scripted_keys.update(auth=[KEY], partner=[OTHER])
    stage.scripted["api"] = Upstream()
    found: Upstream = stage.scripted["api"]
    return found


def bind(stage: Any, **drawn: Any) -> Gateway:
    settings = {"upstream": "api", "jwt.main.issuer": "https://auth.example"}
    settings |= {name.replace("__", "."): value for name, value in drawn.items()}
    found: Gateway = stage.bind("gw", Gateway, settings)
    return found


def token(stage: Any, key: Any = KEY, **change: Any) -> str:
    now = int(stage.clock.now())
    claims = {"iss": "https://auth.example", "sub": "123", "exp": now + 300, "aud": "orders", **change}
    return jwt.sign({"typ": "JWT"}, {name: value for name, value in claims.items() if value is not None}, key)


def call(stage: Any, path: str = "/orders", *headers: tuple[str, str], method: str = "GET") -> Response:
    answer: Response = stage.actors["gw"].handle(Request(method, f"https://gw.test{path}", Headers(headers)))
    return answer


def bearer(text: str) -> tuple[str, str]:
    return ("Authorization", f"Bearer {text}")


def seen(api: Upstream) -> dict[str, str]:
    return {name.lower(): value for name, value in api.seen[-1].headers}


# RequestAuthentication


def test_without_a_token_a_request_passes_and_is_nobody(stage: Any, api: Upstream) -> None:
    """A rule is active only where a token is (Istio: RequestAuthentication)."""
    bind(stage, jwt__main__outputPayloadToHeader="x-jwt-payload")

    assert call(stage).status == 200
    assert "x-jwt-payload" not in seen(api)


def test_a_good_token_passes_and_ends_at_the_gateway(stage: Any, api: Upstream) -> None:
    """`forwardOriginalToken` is false by default; the payload goes on as it stands in the token."""
    bind(stage, jwt__main__outputPayloadToHeader="x-jwt-payload")
    text = token(stage)

    assert call(stage, "/orders", bearer(text)).status == 200
    assert "authorization" not in seen(api)
    assert json.loads(base64url.decode(seen(api)["x-jwt-payload"])) == jwt.read(text).claims


def test_the_token_goes_on_where_it_is_drawn(stage: Any, api: Upstream) -> None:
    """`forwardOriginalToken = true`."""
    bind(stage, jwt__main__forwardOriginalToken=True)
    text = token(stage)
    call(stage, "/orders", bearer(text))

    assert seen(api)["authorization"] == f"Bearer {text}"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"iss": "https://evil.example"}, "Jwt issuer is not configured"),
        ({"iss": None}, "Jwt issuer is not configured"),
        ({"iss": ["https://auth.example"]}, "Jwt issuer is not configured"),
        ({"exp": 1}, "Jwt is expired"),
        ({"exp": "9999999999"}, "Jwt payload [exp] field is not a number"),
        ({"nbf": 9_999_999_999}, "Jwt not yet valid"),
        ({"key": OTHER}, "Jwt verification fails"),
        ({"key": None}, "Jwt verification fails"),
        ({"key": make_key("ES256", "k2", "auth")}, "Jwks doesn't have key to match kid or alg from Jwt"),
        ({"key": secret_key(b"x" * 32, kid="k1")}, "Jwks doesn't have key to match kid or alg from Jwt"),
    ],
)
def test_a_bad_token_is_401(stage: Any, api: Upstream, change: dict[str, Any], reason: str) -> None:
    """A token that is there must be good, though none need be there; the reason is the body, as Envoy has it."""
    bind(stage)
    answer = call(stage, "/orders?page=2", bearer(token(stage, **change)))
    (challenge,) = challenges(answer.headers.get_all("WWW-Authenticate"))

    assert (answer.status, answer.body.decode()) == (401, reason)
    assert challenge.parameters == {"realm": "https://gw.test/orders", "error": "invalid_token"}
    assert api.seen == []


@pytest.mark.parametrize("text", ["", "garbage", "a.b.c", "a.b", "e30.e30.e30", "..", "a.b.c.d.e"])
def test_garbage_is_401(stage: Any, api: Upstream, text: str) -> None:
    """What is no token at all is a bad one."""
    bind(stage)

    assert call(stage, "/orders", bearer(text)).status == 401
    assert api.seen == []


def test_a_flipped_signature_is_401(stage: Any, api: Upstream) -> None:
    """One bit of the signature."""
    bind(stage)
    damaged = jwt.flipped(jwt.read(token(stage))).text

    assert call(stage, "/orders", bearer(damaged)).status == 401
    assert api.seen == []


def test_a_wrong_audience_is_403(stage: Any, api: Upstream) -> None:
    """Envoy's special case; any one of the audiences will do."""
    bind(stage, jwt__main__audiences="orders other")

    assert call(stage, "/orders", bearer(token(stage, aud=["x", "orders"]))).status == 200
    assert [call(stage, "/o", bearer(token(stage, aud=aud))).status for aud in ("users", None, ["orders2"])] == [
        403
    ] * 3
    assert len(api.seen) == 1


def test_without_audiences_aud_is_not_looked_at(stage: Any, api: Upstream) -> None:
    """An empty list checks nothing, as Envoy documents it."""
    bind(stage)

    assert call(stage, "/orders", bearer(token(stage, aud="anything"))).status == 200


def test_leeway(stage: Any, api: Upstream) -> None:
    """Envoy's clock skew is sixty seconds unless drawn otherwise; `exp` need not be there."""
    bind(stage)
    now = stage.clock.now()

    assert call(stage, "/", bearer(token(stage, exp=now - 59))).status == 200
    assert call(stage, "/", bearer(token(stage, exp=now - 60))).status == 401
    assert call(stage, "/", bearer(token(stage, exp=None))).status == 200
    bind(stage, leeway="0 seconds")
    assert call(stage, "/", bearer(token(stage, exp=now))).status == 401


def test_several_issuers(stage: Any, api: Upstream) -> None:
    """Each token is for the rule with its issuer, and no key of one is good for the other (same `kid`)."""
    bind(stage, jwt__second__issuer="https://partner.example")

    assert call(stage, "/", bearer(token(stage))).status == 200
    assert call(stage, "/", bearer(token(stage, OTHER, iss="https://partner.example"))).status == 200
    assert call(stage, "/", bearer(token(stage, KEY, iss="https://partner.example"))).status == 401
    assert call(stage, "/", bearer(token(stage, OTHER))).status == 401


def test_two_tokens_must_both_be_good(stage: Any, api: Upstream) -> None:
    """A good token does not carry a bad one in; of two good ones the first rule's says who it is."""
    more: dict[str, Any] = {"jwt.second.issuer": "https://partner.example", "jwt.second.fromHeaders": "x-token"}
    names = {f"jwt.{rule}.outputClaimToHeaders": [{"header": "x-sub", "claim": "sub"}] for rule in ("main", "second")}
    bind(stage, **more, **names)
    partner = token(stage, OTHER, iss="https://partner.example", sub="p1")

    assert call(stage, "/", ("x-token", partner), bearer(token(stage))).status == 200
    assert seen(api)["x-sub"] == "123"
    assert call(stage, "/", bearer(token(stage)), ("x-token", partner[:-4] + "AAAA")).status == 401


@pytest.mark.parametrize(
    ("drawn", "path", "header"),
    [
        ({"jwt.main.fromHeaders": "x-token"}, "/", ("X-Token", "{}")),
        ({"jwt.main.fromHeaders": [{"name": "x-token", "prefix": "JWT "}]}, "/", ("x-token", "JWT {}")),
        ({"jwt.main.fromParams": "t"}, "/?t={}", None),
        ({"jwt.main.fromCookies": "t"}, "/", ("Cookie", "a=b; t={}")),
        ({}, "/?access_token={}", None),
    ],
)
def test_places(stage: Any, api: Upstream, drawn: dict[str, Any], path: str, header: tuple[str, str] | None) -> None:
    """A token is read where the rule says; a good one passes, a bad one is refused."""
    bind(stage, policies__all__rules=[{"from": [{"source": {"requestPrincipals": ["*"]}}]}], **drawn)

    def status(text: str) -> int:
        headers = [] if header is None else [(header[0], header[1].format(text))]
        return call(stage, path.format(text), *headers).status

    assert status(token(stage)) == 200
    assert status(token(stage, OTHER)) == 401


def test_a_place_of_ones_own_replaces_the_usual_ones(stage: Any, api: Upstream) -> None:
    """With `fromHeaders` a bearer token in `Authorization` is no token, so its request is nobody's and passes it on."""
    bind(stage, jwt__main__fromHeaders="x-token")
    text = token(stage, OTHER)

    assert call(stage, "/", bearer(text)).status == 200
    assert seen(api)["authorization"] == f"Bearer {text}"


def test_a_token_in_the_query_ends_at_the_gateway(stage: Any, api: Upstream) -> None:
    """The other parameters stay."""
    bind(stage)
    call(stage, f"/orders?a=1&access_token={token(stage)}&b=%20", method="GET")

    assert api.seen[-1].url == "https://api.test/orders?a=1&b=+"


def test_preflight_brings_no_token(stage: Any, api: Upstream) -> None:
    """A CORS preflight is not asked for a token (Fetch); a policy holds for it as for any request."""
    bind(stage)
    asks = (("Origin", "https://app.example"), ("Access-Control-Request-Method", "GET"))

    assert call(stage, "/", *asks, bearer("bad"), method="OPTIONS").status == 200
    assert call(stage, "/", asks[0], bearer("bad"), method="OPTIONS").status == 401
    bind(stage, policies__all__rules=[{"from": [{"source": {"requestPrincipals": ["*"]}}]}])
    assert call(stage, "/", *asks, method="OPTIONS").status == 403


# Headers


@pytest.mark.parametrize("name", ["x-jwt-sub", "X-JWT-Sub", "x_jwt_sub", "X-Jwt_Sub", "x-jwt-payload"])
@pytest.mark.parametrize("is_nobody", [True, False])
def test_own_headers_cannot_be_forged(stage: Any, api: Upstream, name: str, is_nobody: bool) -> None:
    """RFC 9700 section 4.13: what the gateway writes is taken out of what comes, in each spelling."""
    bind(
        stage,
        jwt__main__outputPayloadToHeader="x-jwt-payload",
        jwt__main__outputClaimToHeaders=[{"header": "x-jwt-sub", "claim": "sub"}],
    )
    call(stage, "/", (name, "mallory"), *([] if is_nobody else [bearer(token(stage))]))

    assert "mallory" not in [value for _, value in api.seen[-1].headers]
    assert seen(api).get("x-jwt-sub") == (None if is_nobody else "123")


def test_hop_by_hop_headers_end_here(stage: Any, api: Upstream) -> None:
    """RFC 9110 section 7.6.1; a header that `Connection` names cannot take away what the gateway adds."""
    bind(stage, jwt__main__outputClaimToHeaders=[{"header": "x-jwt-sub", "claim": "sub"}])
    call(stage, "/", ("Connection", "close, X-Secret, x-jwt-sub"), ("X-Secret", "s"), bearer(token(stage)))

    assert seen(api) == {"x-jwt-sub": "123"}


@pytest.mark.parametrize(
    ("value", "header"),
    [("a\r\nX-Admin: 1", "a%0D%0AX-Admin%3A%201"), (True, "true"), (7, "7"), (["a"], None), ({"a": "b"}, None)],
)
def test_claims_as_headers(stage: Any, api: Upstream, value: Any, header: str | None) -> None:
    """Texts, numbers and booleans only; what would end the line is escaped (RFC 9110 section 5.5)."""
    bind(stage, jwt__main__outputClaimToHeaders=[{"header": "x-name", "claim": "profile.name"}])
    call(stage, "/", bearer(token(stage, profile={"name": value})))

    assert seen(api).get("x-name") == header


def test_upstream_that_cannot_be_reached(stage: Any, api: Upstream) -> None:
    """Envoy's 503."""

    def lost(message: Any) -> Any:
        raise ConnectionError("lost")

    bind(stage)
    stage.scripted["api"] = lost
    assert call(stage).status == 503
    stage.scripted["api"] = lambda message: Lost()
    assert call(stage).status == 503


# AuthorizationPolicy

WITH_TOKEN = {"from": [{"source": {"requestPrincipals": ["*"]}}]}


def policies(stage: Any, **drawn: list[Any]) -> None:
    """Policies `allow_…` and `deny_…` by their rules."""
    settings: dict[str, Any] = {}
    for name, rules in drawn.items():
        settings[f"policies.{name}.action"] = name.partition("_")[0].upper()
        settings[f"policies.{name}.rules"] = rules
    bind(stage, **settings)


def test_a_policy_wants_an_identity(stage: Any, api: Upstream) -> None:
    """`requestPrincipals: ["*"]`: without a token 403, no challenge; a token without `sub` has no principal."""
    policies(stage, allow_all=[WITH_TOKEN])
    answer = call(stage)

    assert (answer.status, answer.body) == (403, b"RBAC: access denied")
    assert answer.headers.get("WWW-Authenticate") is None
    assert call(stage, "/", bearer(token(stage))).status == 200
    assert call(stage, "/", bearer(token(stage, sub=None))).status == 403
    assert call(stage, "/", bearer("bad")).status == 401


def test_an_allow_policy_without_rules_lets_nobody_in(stage: Any, api: Upstream) -> None:
    """Istio: an empty spec is deny-all, a rule without conditions allow-all."""
    policies(stage, allow_nothing=[])
    assert call(stage, "/", bearer(token(stage))).status == 403
    policies(stage, allow_all=[{}])
    assert call(stage).status == 200


def test_deny_comes_before_allow(stage: Any, api: Upstream) -> None:
    """And without an ALLOW policy what is not denied passes."""
    no_principal = {"from": [{"source": {"notRequestPrincipals": ["*"]}}]}
    policies(stage, deny_nobody=[no_principal], allow_all=[{}])
    assert call(stage).status == 403
    assert call(stage, "/", bearer(token(stage))).status == 200
    policies(stage, deny_nobody=[no_principal])
    assert call(stage, "/", bearer(token(stage))).status == 200


def test_audit_changes_nothing(stage: Any, api: Upstream) -> None:
    """AUDIT decides neither way."""
    policies(stage, audit_all=[{}])

    assert call(stage).status == 200


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Response(200), 200),
        (Response(204), 204),
        (Response(302, Headers([("Location", "https://login.example/")])), 302),
        (Response(500), 403),
        (ConnectionError("gone"), 403),
    ],
)
def test_custom_asks_another(stage: Any, api: Upstream, answer: Any, status: int) -> None:
    """200 of the authorizer goes on; its refusal is the caller's answer; where it fails nobody gets in."""
    asked: list[Request] = []

    def authorizer(message: Any) -> Response:
        asked.append(message)
        if isinstance(answer, OSError):
            raise answer
        found: Response = answer
        return found

    stage.scripted["authz"] = authorizer
    to_admin = json.dumps([{"to": [{"operation": {"paths": ["/admin*"]}}]}])
    bind(
        stage,
        policies__ask__action="CUSTOM",
        policies__ask__provider="ext-authz",
        policies__ask__rules=json.loads(to_admin),
        **{"providers.ext-authz": "authz"},
    )

    assert call(stage, "/orders").status == 200
    assert asked == []
    found = call(stage, "/admin?x=1", bearer(token(stage)), ("X-Secret", "s"), method="POST")
    assert found.status == status
    assert found.headers.get("Location") == (answer.headers.get("Location") if status == 302 else None)
    assert [(one.method, one.url.partition("/admin")[2], one.body) for one in asked] == [("POST", "?x=1", b"")]
    assert {name for name, _ in asked[0].headers} == {"Authorization"}
    assert len(api.seen) == (2 if status == 200 else 1)


def test_custom_comes_first_and_does_not_replace_the_others(stage: Any, api: Upstream) -> None:
    """Istio: CUSTOM, DENY, ALLOW. What the authorizer lets pass may still be denied; bad tokens are not asked about."""
    order: list[str] = []
    stage.scripted["authz"] = lambda message: order.append("asked") or Response(200)
    bind(
        stage,
        policies__ask__action="CUSTOM",
        policies__ask__provider="authz",
        policies__ask__rules=[{}],
        policies__no__action="DENY",
        policies__no__rules=[{"to": [{"operation": {"methods": ["DELETE"]}}]}],
    )

    assert call(stage, method="DELETE").status == 403
    assert order == ["asked"]
    assert call(stage, "/", bearer("bad")).status == 401
    assert order == ["asked"]


def test_an_authorizer_that_is_not_there(stage: Any, api: Upstream) -> None:
    """SQ396: nobody would decide."""
    stage.url = {name: f"https://{name}.test" for name in ("api", "auth", "gw")}.__getitem__
    with pytest.raises(UnplayableScenario, match="SQ396"):
        bind(stage, policies__ask__action="CUSTOM", policies__ask__provider="nobody", policies__ask__rules=[{}])


def test_what_is_not_there_passes_what_must_not_be(stage: Any, api: Upstream) -> None:
    """`notRequestPrincipals` and `notValues` hold of a request without a token; a DENY by them needs one."""
    policies(stage, deny_strangers=[{"from": [{"source": {"notRequestPrincipals": ["*"]}}]}])
    assert call(stage).status == 403
    assert call(stage, "/", bearer(token(stage))).status == 200
    policies(stage, allow_all_but=[{"when": [{"key": "request.auth.claims[sub]", "notValues": ["123"]}]}])
    assert call(stage).status == 200
    assert call(stage, "/", bearer(token(stage))).status == 403


@pytest.mark.parametrize(
    ("wanted", "sub", "is_let_in"),
    [
        ("https://auth.example/123", "123", True),
        ("https://auth.example/123", "1234", False),
        ("https://auth.example/*", "9", True),
        ("https://other.example/*", "9", False),
        ("*/123", "123", True),
        ("*/123", "0123", False),
        ("*", "9", True),
    ],
)
def test_principals_by_pattern(stage: Any, api: Upstream, wanted: str, sub: str, is_let_in: bool) -> None:
    """Exact, prefix, suffix, presence."""
    policies(stage, allow_some=[{"from": [{"source": {"requestPrincipals": [wanted]}}]}])

    assert call(stage, "/", bearer(token(stage, sub=sub))).status == (200 if is_let_in else 403)


@pytest.mark.parametrize(
    ("condition", "good", "bad"),
    [
        ({"key": "request.auth.claims[iss]", "values": ["https://auth.example"]}, {}, None),
        ({"key": "request.auth.claims[groups]", "values": ["admin"]}, {"groups": ["x", "admin"]}, {"groups": ["adm"]}),
        ({"key": "request.auth.claims[a][b]", "values": ["v*"]}, {"a": {"b": "vv"}}, {"a": {"b": "w"}}),
        ({"key": "request.auth.claims[scope]", "values": ["write"]}, {"scope": "read write"}, {"scope": "writer"}),
        ({"key": "request.auth.claims[name]", "values": ["a b"]}, {"name": "a b"}, {"name": "a"}),
        ({"key": "request.auth.claims[n]", "values": ["7"]}, {"n": "7"}, {"n": 7}),
        ({"key": "request.auth.claims[n]", "notValues": ["7"]}, {"n": "8"}, {"n": "7"}),
        ({"key": "request.auth.audiences", "values": ["orders"]}, {}, {"aud": "users"}),
        ({"key": "request.auth.presenter", "values": ["*app"]}, {"azp": "web-app"}, {"azp": "web"}),
        ({"key": "request.auth.principal", "values": ["https://auth.example/123"]}, {}, {"sub": "1234"}),
    ],
)
def test_conditions_on_claims(
    stage: Any, api: Upstream, condition: dict[str, Any], good: dict[str, Any], bad: dict[str, Any] | None
) -> None:
    """Each condition lets one token pass and another not."""
    policies(stage, allow_some=[{"when": [condition]}])

    assert call(stage, "/", bearer(token(stage, **good))).status == 200
    headers = [] if bad is None else [bearer(token(stage, **bad))]
    assert call(stage, "/", *headers).status == 403


def test_operations_and_headers(stage: Any, api: Upstream) -> None:
    """Hosts without case, methods with it, paths by prefix and suffix, and a header."""
    rule = {
        "to": [{"operation": {"hosts": ["GW.test"], "methods": ["GET"], "paths": ["/a/*"], "notPaths": ["*.key"]}}],
        "when": [{"key": "request.headers[X-Team]", "values": ["blue"]}],
    }
    policies(stage, allow_some=[rule])
    team = ("x-team", "blue")

    assert call(stage, "/a/b", team).status == 200
    assert call(stage, "/a/b").status == 403
    assert call(stage, "/a/b", team, method="POST").status == 403
    assert call(stage, "/a/b", team, method="get").status == 403
    assert call(stage, "/a", team).status == 403
    assert call(stage, "/a/b.key?x=.txt", team).status == 403
    assert call(stage, "/a/b", team, ("Host", "other.test")).status == 403


@pytest.mark.parametrize(
    ("path", "base", "merged", "decoded"),
    [
        ("/a/../admin", "/admin", "/admin", "/admin"),
        ("/a/./b/", "/a/b/", "/a/b/", "/a/b/"),
        ("/%61dmin", "/admin", "/admin", "/admin"),
        ("/a/%2e%2E/admin", "/admin", "/admin", "/admin"),
        ("/a\\..\\admin", "/admin", "/admin", "/admin"),
        ("//admin", "//admin", "/admin", "/admin"),
        ("/a%2fb", "/a%2Fb", "/a%2Fb", "/a/b"),
        ("/../..", "/", "/", "/"),
        ("/a%00b", None, None, None),
        ("/a%zz", None, None, None),
    ],
)
def test_paths_are_normalized(path: str, base: str | None, merged: str | None, decoded: str | None) -> None:
    """One path, one spelling, for the policy and the upstream alike (RFC 3986 section 6.2.2)."""
    found = [normalized(path, mode) for mode in ("BASE", "MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES")]

    assert found == [base, merged, decoded]


def test_the_upstream_gets_the_path_that_the_policy_saw(stage: Any, api: Upstream) -> None:
    """So that no spelling passes the one and means something else to the other; a fragment is refused."""
    policies(stage, deny_admin=[{"to": [{"operation": {"paths": ["/admin*"]}}]}])

    assert call(stage, "/x/../%61dmin").status == 403
    assert call(stage, "/admin/../ok").status == 200
    assert api.seen[-1].url == "https://api.test/ok"
    assert call(stage, "/ok#/admin").status == 400


# Keys


def test_a_rotation_arrives_with_the_next_refresh(stage: Any, api: Upstream) -> None:
    """Pushed keys are those of the last refresh; nobody is asked."""
    bind(stage)
    new = make_key("ES256", "k2", "auth")
    assert call(stage, "/", bearer(token(stage))).status == 200
    stage.scripted_keys["auth"] = [KEY, new]
    assert call(stage, "/", bearer(token(stage, new))).status == 401
    stage.clock.advance(1200)

    assert call(stage, "/", bearer(token(stage, new))).status == 200
    assert {receiver for _, receiver, _ in stage.calls} == {"api"}


def test_fetched_keys_are_an_arrow(stage: Any, api: Upstream) -> None:
    """`jwks = fetched`: once for many requests; keys that cannot be had let nobody in."""
    bind(stage, jwks="fetched", jwt__main__jwksUri="/keys")
    published = json.dumps({"keys": [public_jwk(KEY)]}).encode()
    stage.scripted["auth"] = lambda message: Response(500)
    assert call(stage, "/", bearer(token(stage))).status == 401
    stage.scripted["auth"] = lambda message: Response(200, Headers(), published)

    assert [call(stage, "/", bearer(token(stage))).status for _ in range(3)] == [200] * 3
    assert [text for _, receiver, text in stage.calls if receiver == "auth"] == ["GET https://auth.test/keys"] * 2


def test_keys_in_the_rule(stage: Any, api: Upstream) -> None:
    """Inline keys need nobody."""
    bind(stage, jwt__main__issuer="https://x.example", jwt__main__jwks={"keys": [public_jwk(KEY)]})

    assert call(stage, "/", bearer(token(stage, iss="https://x.example"))).status == 200
    assert call(stage, "/", bearer(token(stage, OTHER, iss="https://x.example"))).status == 401


def test_no_keys_to_be_had_is_no_refusal(stage: Any, api: Upstream) -> None:
    """With shared secrets only, or nothing, every token would be refused: SQ480, never a 401 that proves nothing."""
    bind(stage)
    for keys in ([], [secret_key(b"x" * 32, kid="k1")]):
        stage.scripted_keys["auth"] = keys
        with pytest.raises(Unanswerable, match="SQ480"):
            call(stage, "/", bearer(token(stage)))


# Resources

YAML = """
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: jwt}
spec:
  selector: {matchLabels: {app: gw}}
  jwtRules:
  - issuer: https://auth.example
---
apiVersion: v1
kind: Service
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: deny-all}
spec: {}
"""


def from_file(stage: Any, folder: Path, text: str, **drawn: Any) -> None:
    (folder / "gateway.yaml").write_text(text)
    stage.bind("gw", Gateway, {"upstream": "api", "policy": "gateway.yaml", **drawn})


def test_resources_from_a_file(stage: Any, api: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds that decide nothing are passed over; a selector for another workload takes its rule away."""
    monkeypatch.chdir(tmp_path)
    from_file(stage, tmp_path, YAML)
    assert call(stage).status == 403
    assert call(stage, "/", bearer("bad")).status == 401
    from_file(stage, tmp_path, YAML, labels="app=other")
    assert call(stage, "/", bearer("bad")).status == 403


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("kind: [", "no YAML"),
        ("- 1", "`kind`"),
        ("", "neither a rule nor a policy"),
        (YAML.replace("spec: {}", "spec: {action: LOG}"), "LOG is not played"),
        (YAML.replace("spec: {}", "spec: {action: CUSTOM}"), "provider is no object"),
        (YAML.replace("spec: {}", "spec: {provider: {name: x}}"), "belongs to the action CUSTOM"),
        (YAML.replace("jwtRules:", "jwtRulez:"), "`jwtRulez`"),
        (YAML.replace("  selector: {matchLabels: {app: gw}}", "  targetRefs: []"), "`targetRefs`"),
        (YAML.replace("spec: {}", "spec: {rulez: []}"), "`rulez`"),
        (YAML.replace("spec: {}", "spec: {rules: [{from: [{source: {principals: [a]}}]}]}"), "`principals`"),
        (YAML.replace("spec: {}", "spec: {rules: [{when: [{key: source.ip, values: [a]}]}]}"), "source.ip"),
        (YAML.replace("spec: {}", "spec: {rules: [{when: [{key: request.auth.principal}]}]}"), "neither values"),
        (YAML.replace("spec: {}", "spec: {rules: [{to: [{operation: {paths: ['/{*}']}}]}]}"), "template"),
        (YAML.replace("spec: {}", "spec: {rules: [{to: [{operation: {}}]}]}"), "is empty"),
        (YAML.replace("issuer: https://auth.example", "jwksUri: x"), "issuer is missing"),
        (YAML.replace("security.istio.io/v1", "example.com/v1"), "apiVersion"),
        (YAML.replace("kind: AuthorizationPolicy", "kind: PeerAuthentication"), "PeerAuthentication"),
    ],
)
def test_resources_that_cannot_be_applied(
    stage: Any, api: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, named: str
) -> None:
    """What is not understood is refused by name (SQ390), never passed over."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UnplayableScenario, match="SQ390") as refusal:
        from_file(stage, tmp_path, text)
    assert named in refusal.value.finding.got


def test_a_policy_outside_the_project(stage: Any, api: Upstream, tmp_path: Path, monkeypatch: Any) -> None:
    """Files stay beside the diagram or below the current folder."""
    (tmp_path / "gateway.yaml").write_text(YAML)
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")

    for name in ("../gateway.yaml", str(tmp_path / "gateway.yaml"), "missing.yaml"):
        with pytest.raises(UnplayableScenario, match="SQ390"):
            stage.bind("gw", Gateway, {"upstream": "api", "policy": name})


def test_whom_to_call_and_whose_keys(stage: Any, api: Upstream) -> None:
    """Without an upstream (SQ391) or an owner of the keys (SQ392) nothing would be tested."""
    with pytest.raises(UnplayableScenario, match="SQ391"):
        stage.bind("gw", Gateway, {"jwt.main.issuer": "https://auth.example"})
    with pytest.raises(UnplayableScenario, match="SQ392"):
        bind(stage, jwt__main__issuer="https://nobody.example")
    bind(stage, jwt__main__trusts="auth", jwt__main__issuer="https://renamed.example")
    assert call(stage, "/", bearer(token(stage, iss="https://renamed.example"))).status == 200
