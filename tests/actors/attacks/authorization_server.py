"""Attacks on an authorization server, one for each of its switches."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from attacks.provider import AUTHORIZE, CALLBACK, VERIFIER, Server, server
from attacks.resource_server import KEY, MALLORY, RS512, Attack, proof

from seqtest.auth import basic, certificate, jwt
from seqtest.auth.keys import public_jwk, secret_key, thumbprint
from seqtest.exchange import Headers, Request, Response


def replayed(one: Server) -> bool:
    code = one.code()
    return one.redeem(code) and one.redeem(code)


def expired_code(one: Server) -> bool:
    code = one.code()
    one.stage.clock.advance(3600)
    return one.redeem(code)


def brute_force(one: Server) -> bool:
    guesses = [one.log_in(password="guess").status for _ in range(10)]
    guesses += [one.token(("web", "guess"), grant_type="client_credentials").status for _ in range(10)]
    assert guesses == [400] * 10 + [401] * 10
    user = one.token(("other", "croquet"), grant_type="password", username="alice", password="wonderland").status
    client = one.token(grant_type="client_credentials").status
    assert {user, client} <= {200, 429}
    assert user == client
    return user == 200


def replayed_assertion(one: Server) -> bool:
    text = one.assertion()
    return one.asserted(text) and one.asserted(text)


def disabled(one: Server) -> bool:
    one.stage.act("auth", "disable alice")
    return one.log_in().status == 200


def reused(one: Server) -> bool:
    text = one.tokens()["refresh_token"]
    return one.refresh(text) and one.refresh(text)


def after_log_out(one: Server) -> bool:
    text = one.tokens()["refresh_token"]
    one.stage.act("auth", "log out alice")
    return one.refresh(text)


def disabled_refresh(one: Server) -> bool:
    text = one.tokens()["refresh_token"]
    one.stage.actors["auth"].users.disabled["alice"] = True
    return one.refresh(text)


def expired_refresh(one: Server) -> bool:
    text = one.tokens()["refresh_token"]
    one.stage.clock.advance(3601)
    return one.refresh(text)


def revoked(auth: tuple[str, str]) -> Callable[[Server], bool]:
    def attack(one: Server) -> bool:
        """Whether the token is dead afterwards."""
        text = one.tokens()["refresh_token"]
        one.stage.post("auth", "/revoke", {"token": text}, auth=auth)
        return not one.refresh(text)

    return attack


def dead(one: Server) -> bool:
    text = one.tokens()["access_token"]
    one.stage.clock.advance(3600)
    return one.is_active(text)


def device(one: Server, client_id: str = "spa") -> str:
    """The code of a device whose user has said yes."""
    answer = one.stage.json(one.stage.post("auth", "/device_authorization", {"client_id": client_id}))
    form = {"user_code": answer["user_code"], "login": "alice", "password": "wonderland", "consent": "allow"}
    assert one.stage.post("auth", "/device", form).status == 200
    found: str = answer["device_code"]
    return found


def polled(one: Server, code: str, **more: Any) -> bool:
    kind = "urn:ietf:params:oauth:grant-type:device_code"
    form = {"grant_type": kind, "device_code": code, "client_id": "spa", **more}
    return one.token(None, **form).status == 200


SECRET = b"tea-party" * 4


def request_object(key: Any) -> str:
    return jwt.sign({}, {**AUTHORIZE, "aud": "https://auth.test", "state": "inside"}, key)


def impatient(one: Server) -> bool:
    answer = one.stage.json(one.stage.post("auth", "/device_authorization", {"client_id": "spa"}))
    assert not polled(one, answer["device_code"])
    form = {"user_code": answer["user_code"], "login": "alice", "password": "wonderland", "consent": "allow"}
    one.stage.post("auth", "/device", form)
    return polled(one, answer["device_code"])


def used_device(one: Server) -> bool:
    code = device(one)
    assert polled(one, code)
    one.stage.clock.advance(5)
    return polled(one, code)


def pushed_twice(one: Server) -> bool:
    uri = one.stage.json(one.stage.post("auth", "/par", AUTHORIZE, auth=("web", "tea-party")))["request_uri"]
    path = "/authorize?" + urlencode({"client_id": "web", "request_uri": uri})
    return [one.stage.get("auth", path).status for _ in range(2)] == [303, 303]


def fetched(one: Server) -> bool:
    """The server calls whom the attacker wants, by way of a redirect, and goes on with what it gets."""
    body = request_object(secret_key(SECRET)).encode()
    one.stage.scripted["outer"] = lambda message: Response(302, Headers([("Location", "https://inner.test/object")]))
    one.stage.scripted["inner"] = lambda message: Response(200, Headers(), body)
    is_asked = one.is_asked(request_uri="https://outer.test/", state=None)
    called = [("auth", "outer", "GET https://outer.test/"), ("auth", "inner", "GET https://inner.test/object")]
    assert one.stage.calls == (called if is_asked else [])
    return is_asked


ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"


def exchanged(one: Server, subject: str, **more: Any) -> bool:
    kind = "urn:ietf:params:oauth:grant-type:token-exchange"
    form = {"grant_type": kind, "subject_token": subject, "subject_token_type": ACCESS_TOKEN, **more}
    return one.token(("api", "s"), **form).status == 200


def dead_subject(one: Server) -> bool:
    text = one.tokens()["access_token"]
    one.stage.clock.advance(3600)
    return exchanged(one, text)


def other_actor(one: Server) -> bool:
    actor = one.stage.json(one.token(("other", "croquet"), grant_type="client_credentials"))["access_token"]
    return exchanged(one, one.tokens()["access_token"], actor_token=actor, actor_token_type=ACCESS_TOKEN)


def at_token(one: Server, key: Any, jti: str, **form: str) -> Response:
    text = proof(one.stage, key, "", jti, htm="POST", htu="https://auth.test/token")
    headers = {"DPoP": text}
    answer: Response = one.stage.post("auth", "/token", {"client_id": "spa", **form}, None, **headers)
    return answer


USER = {"grant_type": "password", "username": "alice", "password": "wonderland"}


def key_changed(one: Server) -> bool:
    text = one.stage.json(at_token(one, MALLORY, "p1", **USER))["refresh_token"]
    return at_token(one, RS512, "p2", grant_type="refresh_token", refresh_token=text).status == 200


def replayed_proof(one: Server) -> bool:
    return [at_token(one, MALLORY, "p1", **USER).status for _ in range(2)] == [200, 200]


def redirected(one: Server, hint: str) -> bool:
    query = {"id_token_hint": hint, "post_logout_redirect_uri": "https://evil.test/bye"}
    return one.stage.get("auth", f"/logout?{urlencode(query)}").headers.get("Location") == "https://evil.test/bye"


def logged_out_unasked(one: Server) -> bool:
    return b"You are logged out" in one.stage.get("auth", "/logout").body


def foreign_hint(one: Server) -> bool:
    claims = jwt.read(one.id_token()).claims
    hint = jwt.sign({}, claims, MALLORY)
    return b"You are logged out" in one.stage.get("auth", f"/logout?{urlencode({'id_token_hint': hint})}").body


def registered_by_nobody(one: Server) -> bool:
    body = json.dumps({"redirect_uris": ["https://evil.test/cb"]}).encode()
    headers = Headers([("Content-Type", "application/json")])
    answer: Response = one.stage.actors["auth"].handle(Request("POST", "https://auth.test/register", headers, body))
    return answer.status == 201


def redirected_to_first(one: Server) -> bool:
    return one.is_asked(client_id="several", redirect_uri=None, scope="read")


def unknown_client(one: Server) -> bool:
    code = parse_qs(urlsplit(one.back(client_id="nobody", scope="read").headers.get("Location") or "").query)
    return one.redeem(code.get("code", [""])[0], None, client_id="nobody")


def as_plain(one: Server) -> bool:
    asked = {"code_challenge_method": "S512", "code_challenge": VERIFIER}
    return one.is_asked(**asked) and one.redeem(one.code(**asked))


def from_any_origin(one: Server) -> bool:
    request = Request("GET", f"https://auth.test/authorize?{urlencode(AUTHORIZE)}", Headers([("Origin", "https://x")]))
    return one.stage.actors["auth"].handle(request).headers.get("Access-Control-Allow-Origin") is not None


def framed(one: Server) -> bool:
    answer = one.authorize(redirect_uri="https://evil.test/")
    return "frame-ancestors" not in (answer.headers.get("Content-Security-Policy") or "")


def got(one: Server) -> bool:
    url = f"https://auth.test/token?{GRANT}"
    headers = Headers([("Authorization", basic.encode("web", "tea-party"))])
    answer: Response = one.stage.actors["auth"].handle(Request("GET", url, headers))
    return answer.status == 200


def pushed_reference(one: Server) -> bool:
    form = {**AUTHORIZE, "request_uri": "urn:x"}
    return bool(one.stage.post("auth", "/par", form, auth=("web", "tea-party")).status == 201)


def guessed(one: Server) -> bool:
    """Ten wrong codes, then the right one."""
    right = one.stage.json(one.stage.post("auth", "/device_authorization", {"client_id": "spa"}))["user_code"]
    user = {"login": "alice", "password": "wonderland", "consent": "allow"}
    codes = ["BBBB-BBBB"] * 10 + [right]
    return [one.stage.post("auth", "/device", {"user_code": code, **user}).status for code in codes][-1] == 200


def at_proof(at: str = "https://auth.test/token", key: Any = MALLORY, header: Any = None, **change: Any) -> Any:
    """A token request whose proof is not as it should be."""

    def attack(one: Server) -> bool:
        shown = public_jwk(MALLORY) if key is not None else {}
        claims = {"jti": "p9", "htm": "POST", "htu": at, "iat": int(one.stage.clock.now()), **change}
        text = jwt.sign({"typ": "dpop+jwt", "jwk": shown or public_jwk(MALLORY), **(header or {})}, claims, key)
        return one.raw(GRANT, Authorization=basic.encode("web", "tea-party"), DPoP=text)

    return attack


def two_proofs(one: Server) -> bool:
    made = []
    for jti in ("a", "b"):
        claims = {"jti": jti, "htm": "POST", "htu": "https://auth.test/token", "iat": int(one.stage.clock.now())}
        made.append(jwt.sign({"typ": "dpop+jwt", "jwk": public_jwk(MALLORY)}, claims, MALLORY))
    return one.raw(GRANT, Authorization=basic.encode("web", "tea-party"), DPoP=", ".join(made))


def over_tls(one: Server) -> bool:
    shown = certificate.field_value(certificate.of_key(MALLORY))
    return one.raw(f"{GRANT}&client_id=machine", **{"Client-Cert": shown})


def misled(one: Server) -> bool:
    """A wrong hint keeps the token alive."""
    found = one.tokens()["refresh_token"]
    form = urlencode({"token": found, "token_type_hint": "access_token"})
    assert one.raw(form, "/revoke", Authorization=basic.encode("web", "tea-party"))
    return one.refresh(found)


def revoked_by_nobody(one: Server) -> bool:
    found = one.tokens()["refresh_token"]
    return one.raw(urlencode({"token": found}), "/revoke") and not one.refresh(found)


def cached(one: Server) -> bool:
    return one.log_in().headers.get("Cache-Control") is None


GRANT = "grant_type=client_credentials"
AUTHORIZATION_SERVER: dict[str, Attack] = {
    "redirect_uri_mismatch": server(lambda one: one.is_asked(redirect_uri="https://evil.test/")),
    "redirect_uri_prefix": server(lambda one: one.is_asked(redirect_uri=f"{CALLBACK}.evil.test/")),
    "redirect_uri_missing": server(redirected_to_first),
    "authz_client_unknown": server(unknown_client),
    "authz_response_type": server(lambda one: one.is_asked(response_type="token")),
    "authz_scope_escalation": server(lambda one: one.is_asked(scope="openid admin")),
    "authz_params_duplicate": server(lambda one: one.is_asked("&scope=admin")),
    "authz_state_echo": server(lambda one: one.state_of(state="s1") == ""),
    "authz_iss_missing": server(lambda one: "iss=" not in (one.back().headers.get("Location") or "iss=")),
    "authz_redirect_307": server(lambda one: one.back().status == 307),
    "authz_consent_csrf": server(lambda one: one.forged()),
    "authz_clickjacking": server(framed),
    "authz_cors": server(from_any_origin),
    "pkce_challenge_missing": server(lambda one: one.is_asked(code_challenge=None, code_challenge_method=None)),
    "pkce_plain_downgrade": server(
        lambda one: (
            one.is_asked(code_challenge_method="plain")
            and one.redeem(one.code(code_challenge_method="plain", code_challenge=VERIFIER))
        )
    ),
    "pkce_method_unknown": server(as_plain),
    "code_replay": server(replayed),
    "code_expired": server(expired_code),
    "code_other_client": server(lambda one: one.redeem(one.code(), ("other", "croquet"))),
    "code_redirect_uri_mismatch": server(lambda one: one.redeem(one.code(), redirect_uri="https://evil.test/")),
    "pkce_verifier_missing": server(lambda one: one.redeem(one.code(), code_verifier=None)),
    "pkce_verifier_wrong": server(lambda one: one.redeem(one.code(), code_verifier="w" * 43)),
    "pkce_downgrade": server(
        lambda one: one.redeem(one.code(code_challenge=None, code_challenge_method=None)), pkce="optional"
    ),
    "client_auth_missing": server(lambda one: one.log_in(auth=None, client_id="web").status == 200),
    "client_auth_wrong": server(lambda one: one.token(("web", "wrong"), grant_type="client_credentials").status == 200),
    "client_auth_two_methods": server(
        lambda one: one.token(grant_type="client_credentials", client_id="web", client_secret="tea-party").status == 200
    ),
    "client_auth_in_query": server(lambda one: one.raw(GRANT, "/token?client_id=web&client_secret=tea-party")),
    "client_auth_method_switch": server(
        lambda one: one.token(("poster", "post"), grant_type="client_credentials").status == 200
    ),
    "client_auth_bruteforce": server(brute_force),
    "client_assertion_none": server(lambda one: one.asserted(jwt.resigned(jwt.read(one.assertion()), MALLORY))),
    "client_assertion_claims": server(lambda one: one.asserted(one.assertion(aud="https://other.example"))),
    "client_assertion_replay": server(replayed_assertion),
    "token_params_duplicate": server(
        lambda one: one.raw(f"{GRANT}&scope=read&scope=x", Authorization=basic.encode("web", "tea-party"))
    ),
    "token_endpoint_get": server(got),
    "token_endpoint_content_type": server(
        lambda one: one.raw(
            GRANT, Authorization=basic.encode("web", "tea-party"), **{"Content-Type": "application/json"}
        )
    ),
    "grant_type_confusion": server(lambda one: one.token(("lone", "x"), grant_type="client_credentials").status == 200),
    "ropc_wrong_password": server(lambda one: one.log_in(password="wrong").status == 200),
    "ropc_user_enumeration": server(
        lambda one: one.log_in(username="nobody").body != one.log_in(password="wrong").body
    ),
    "user_disabled_token": server(disabled),
    "response_cacheable": server(cached),
    "refresh_reuse_after_rotation": server(reused),
    "refresh_other_client": server(lambda one: one.refresh(one.tokens()["refresh_token"], ("other", "croquet"))),
    "refresh_after_logout": server(after_log_out),
    "refresh_disabled_user": server(disabled_refresh),
    "refresh_scope_upscoping": server(lambda one: one.refresh(one.tokens()["refresh_token"], scope="openid admin")),
    "refresh_resource_widening": server(
        lambda one: one.refresh(one.tokens()["refresh_token"], resource="https://other.example")
    ),
    "refresh_expired": server(expired_refresh),
    "access_token_as_refresh": server(lambda one: one.refresh(one.tokens()["access_token"])),
    "request_uri_reuse": server(pushed_twice),
    "par_request_uri_inside": server(pushed_reference),
    "request_object_unsigned": server(lambda one: one.is_asked(request=request_object(None), state=None)),
    "request_uri_param_override": server(
        lambda one: one.state_of(request=request_object(secret_key(SECRET)), state="beside") == "beside",
        clients__web__secret=SECRET.decode(),
    ),
    "request_uri_ssrf": server(fetched, clients__web__secret=SECRET.decode()),
    "device_poll_too_fast": server(impatient),
    "device_code_other_client": server(lambda one: polled(one, device(one), client_id="poster", client_secret="post")),
    "device_user_code_guess": server(guessed),
    "device_code_replay": server(used_device),
    "exchange_subject_invalid": server(dead_subject),
    "exchange_target_forbidden": server(
        lambda one: exchanged(one, one.tokens()["access_token"], audience="https://evil.example")
    ),
    "exchange_upscope": server(lambda one: exchanged(one, one.tokens()["access_token"], scope="openid admin")),
    "exchange_actor_rules": server(other_actor, access_token__claims="may_act", users__alice__may_act={"sub": "web"}),
    "refresh_dpop_key_changed": server(key_changed),
    "code_dpop_jkt_mismatch": server(
        lambda one: one.redeem(one.code(dpop_jkt=thumbprint(public_jwk(MALLORY))), scope=None)
    ),
    "dpop_proof_missing": server(lambda one: one.token(grant_type="client_credentials").status == 200, dpop="required"),
    "dpop_proof_replay": server(replayed_proof),
    "dpop_wrong_htm": server(at_proof(htm="GET")),
    "dpop_wrong_htu": server(at_proof(at="https://other.test/token")),
    "dpop_proof_alg": server(at_proof(key=None)),
    "dpop_private_jwk": server(at_proof(header={"jwk": {**public_jwk(MALLORY), "d": "AQAB"}})),
    "dpop_proof_typ": server(at_proof(header={"typ": "JWT"})),
    "dpop_two_headers": server(two_proofs),
    "dpop_iat_window": server(at_proof(iat=1)),
    "dpop_nonce": server(at_proof(), dpop__nonce="true"),
    "mtls_wrong_cert": server(over_tls, clients__machine__certificate=certificate.field_value(certificate.of_key(KEY))),
    "revoke_unauthenticated": server(revoked_by_nobody),
    "revoke_foreign_token": server(revoked(("other", "croquet"))),
    "revoke_hint_wrong": server(misled),
    "revoke_no_effect": server(lambda one: not revoked(("web", "tea-party"))(one)),
    "logout_hint_missing": server(logged_out_unasked),
    "logout_hint_foreign": server(foreign_hint),
    "logout_redirect_mismatch": server(lambda one: redirected(one, one.id_token())),
    "registration_open": server(registered_by_nobody, registration__token="gate-keeper"),
    "introspect_unauthenticated": server(
        lambda one: one.is_active(one.tokens()["access_token"], None, client_id="spa")
    ),
    "introspect_foreign": server(lambda one: one.is_active(one.tokens()["access_token"], ("api", "s"))),
    "introspect_dead_token": server(dead),
}
