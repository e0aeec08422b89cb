"""Attacks on a client, one for each of its switches."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from attacks.resource_server import MALLORY, Attack

from seqtest.exchange import Headers, Response


def keeps_the_first(one: Any) -> bool:
    """It refreshes twice, with the refresh token that it got first."""
    one.stage.scripted["api"] = lambda message: Response(401)
    one.log_in(tokens={"refresh_token": "r1"})
    sent = []
    for number in (2, 3):
        one.prepare(tokens={"access_token": f"a{number}", "refresh_token": f"r{number}"})
        one.browser.send("GET", "/api/x")
        sent.append(parse_qs(one.asked[-1].body.decode())["refresh_token"])
    return sent == [["r1"], ["r1"]]


def hurried(one: Any) -> bool:
    """After `slow_down` it asks again when the old interval is over."""
    answers = [{"device_code": "d", "user_code": "u", "interval": 5}, {"error": "slow_down"}, {"error": "slow_down"}]
    bodies = [json.dumps(body).encode() for body in answers]
    one.stage.scripted["op"] = lambda message: Response(200 if len(bodies) == 3 else 400, Headers(), bodies.pop(0))
    one.stage.act("web", "begin on a device")
    for _ in range(2):
        one.stage.clock.advance(5)
        last = one.stage.act("web", "ask for the tokens")
    return last.error is None


def client(attack: Callable[[Any], bool], **more: Any) -> Attack:
    drawn = {name.replace("__", "."): value for name, value in more.items()}
    return lambda stage, switch: attack(stage.evil_provider({**drawn, **switch}))


def signed_in(*arguments: Any, **change: Any) -> Attack:
    """Whether a log-in with that change brings a session."""
    return client(lambda one: bool(one.log_in(*arguments, **change)) and one.is_logged_in)


def in_another_browser(one: Any) -> bool:
    """The attacker begins, and his victim is led back to the client."""
    state = one.begin()["state"]
    one.prepare()
    victim = one.stage.browser("web")
    one.come_back(victim, state=state)
    return bool(victim.send("GET", "/me").status == 200)


def renewed(**claims: Any) -> Callable[[Any], bool]:
    def attack(one: Any) -> bool:
        one.stage.scripted["api"] = lambda message: Response(
            200 if message.headers.get("Authorization") == "Bearer new" else 401
        )
        one.log_in(tokens={"refresh_token": "r1"})
        one.prepare(tokens={"access_token": "new", "refresh_token": "r2"}, claims=claims)
        return bool(one.browser.send("GET", "/api/x").status == 200)

    return attack


def about(sub: str) -> Callable[[Any], bool]:
    def attack(one: Any) -> bool:
        one.documents["/userinfo"] = {"sub": sub, "name": "Mallory"}
        one.log_in()
        return bool(one.is_logged_in)

    return attack


def described(**change: Any) -> Callable[[Any], bool]:
    def attack(one: Any) -> bool:
        own = "https://op.test"
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        document = {"issuer": own, **{name: f"{own}/{name.split('_')[0]}" for name in names}}
        one.documents["/.well-known/openid-configuration"] = {**document, **change}
        return "state" in one.begin()

    return attack


def keeps_its_cookie(one: Any) -> bool:
    one.browser.cookies["session"] = "set-by-the-attacker"
    one.log_in()
    return bool(one.browser.cookies["session"] == "set-by-the-attacker" and one.is_logged_in)


def led_away(one: Any) -> bool:
    state = one.begin("/login?next=//evil.test/")["state"]
    one.prepare()
    return one.come_back(state=state).headers.get("Location") == "//evil.test/"


def logged_out(*texts: Callable[[Any], str]) -> Callable[[Any], bool]:
    """Whether the last of these tokens is taken."""

    def attack(one: Any) -> bool:
        one.log_in()
        answers = [one.browser.send("POST", "/backchannel-logout", {"logout_token": make(one)}) for make in texts]
        return bool(answers[-1].status == 200)

    return attack


CLIENT: dict[str, Attack] = {
    "cb_state_missing": signed_in(state=None),
    "cb_state_wrong": signed_in(state="another"),
    "cb_login_csrf": client(in_another_browser),
    "cb_iss_wrong": signed_in(iss="https://evil.test"),
    "cb_error_response": signed_in(error="access_denied"),
    "idt_alg_none": signed_in(key=None),
    "idt_signature_invalid": signed_in({"kid": "k1"}, MALLORY),
    "idt_aud_wrong": signed_in(claims={"aud": "other"}),
    "idt_iss_wrong": signed_in(claims={"iss": "https://evil.test"}),
    "idt_azp_wrong": signed_in(claims={"azp": "other"}),
    "idt_expired": signed_in(claims={"exp": 1}),
    "idt_nonce_wrong": signed_in(claims={"nonce": "another"}),
    "idt_at_hash_wrong": signed_in(tokens={"access_token": "of-somebody-else"}),
    "idt_auth_time_old": client(lambda one: bool(one.log_in(claims={"auth_time": 1})) and one.is_logged_in, max_age=60),
    "idt_sub_reassigned": client(renewed(sub="666"), api="api"),
    "userinfo_sub_mismatch": client(about("666"), userinfo="true"),
    "metadata_issuer_mismatch": client(described(issuer="https://op.test/"), discovery="true"),
    "metadata_http_downgrade": client(described(token_endpoint="http://op.test/token"), discovery="true"),
    "token_response_type": signed_in(tokens={"token_type": "mac"}),
    "refresh_rotation_ignored": client(keeps_the_first, api="api"),
    "client_device_slowdown": client(hurried),
    "token_response_malformed": signed_in(tokens={"expires_in": "soon"}),
    "client_open_redirect": client(led_away),
    "session_fixation": client(keeps_its_cookie),
    "logout_token_invalid": client(logged_out(lambda one: one.logout_token(MALLORY))),
    "logout_token_replay": client(logged_out(lambda one: one.logout_token(), lambda one: one.logout_token())),
    "logout_idt_confusion": client(logged_out(lambda one: one.logout_token(nonce="n"))),
}
