"""Masking: no secret of a run in anything that is shown of it."""

import base64
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from seqtest.api import cases
from seqtest.diagram.read import read
from seqtest.exchange import Headers, Request, Response
from seqtest.render.annotated import annotate
from seqtest.render.failure import failure
from seqtest.render.happened import draw_run
from seqtest.render.mask import (
    SECRET_NAMES,
    Masker,
    is_secret_name,
    secrets_of_message,
    secrets_of_scenario,
    secrets_of_trace,
    shown,
)
from seqtest.source import Source
from seqtest.trace import Bindings, Occurrence, Trace
from seqtest.verdict import Verdict

NAMES = (
    "password",
    "client_secret",
    "refresh_token",
    "access_token",
    "code",
    "code_verifier",
    "client_assertion",
    "device_code",
)


@pytest.mark.parametrize(
    "name",
    [
        *NAMES,
        *("Authorization", "Set-Cookie", "users.alice.password", "web_secret", "Proxy-Authorization"),
        *("accessToken", "clientSecret", "idToken", "XAuthToken", "OAuthToken", "apikey", "JSESSIONID", "sessionid"),
        *("password1", "password_confirmation", "user[password]", "passwords[0]", "tokens", "tokenValue"),
        *("aws_secret_access_key", "secretKey", "private_key_pem", "csrfmiddlewaretoken", "_csrf", "X-Auth"),
        *("otp_code", "verificationCode", "one_time_code", "passphrase", "pwd", "credentials", "authReqId"),
    ],
)
def test_fields_for_secrets_are_known_by_name(name: str) -> None:
    """What is named like a secret is one."""
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("token_type", "expires_in", "sub", "access_token.format", "code_challenge", "username", "key", "tokenType"),
        *("error_codes", "country_code", "status_code", "token_endpoint", "sid", "state", "nonce", "", "[0]"),
        *("Access-Control-Allow-Credentials", "session_state", "password_policy", "at_hash", "passenger", "codec"),
    ],
)
def test_other_fields_are_not_secrets(name: str) -> None:
    """Fields beside the secrets stay readable."""
    assert not is_secret_name(name)


@given(st.text(min_size=1))
def test_at_most_eight_characters_and_a_quarter_are_shown(secret: str) -> None:
    """A short password is not given away by its first eight characters."""
    seen = shown(secret).removesuffix("…")

    assert len(seen) <= 8
    assert len(seen) <= len(secret) / 4
    assert secret.startswith(seen)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=8, max_size=60))
def test_a_secret_is_found_in_every_spelling(secret: str) -> None:
    """Form-encoded, URL-encoded, in JSON or Base64: a known secret that is called like no field is masked."""
    assume(secret.lower() not in SECRET_NAMES)
    masker = Masker([secret])
    spellings = (
        secret,
        quote(secret),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        base64.b64encode(secret.encode()).decode(),
    )

    for spelling in spellings:
        assert spelling not in masker.text(f"<{spelling}>")


def request_with(name: str, secret: str, how: str) -> Request | Response:
    form = "application/x-www-form-urlencoded"
    match how:
        case "form":
            return Request(
                "POST",
                "https://a.test/token",
                Headers([("Content-Type", form)]),
                f"a=b&{name}={quote_plus(secret)}".encode(),
            )
        case "query":
            return Request("GET", f"https://a.test/cb?{name}={quote_plus(secret)}")
        case "json":
            return Response(200, body=json.dumps({"deep": [{name: secret}]}).encode())
        case "location":
            return Response(302, Headers([("Location", f"https://a.test/cb#{name}={quote_plus(secret)}")]))
        case "bearer":
            return Request("GET", "https://a.test/", Headers([("Authorization", f"Bearer {secret}")]))
        case "cookie":
            return Request("GET", "https://a.test/", Headers([("Cookie", f"theme=dark; sid={secret}")]))
    credentials = base64.b64encode(f"web:{quote_plus(secret)}".encode()).decode()
    return Request("GET", "https://a.test/", Headers([("Authorization", f"Basic {credentials}")]))


@pytest.mark.parametrize("how", ["form", "query", "json", "location", "bearer", "cookie", "basic"])
def test_secrets_are_collected_from_wherever_they_were_sent(how: str) -> None:
    """A secret that a message carried in any of its places is known afterwards."""
    occurrence = Occurrence(0, "a", "b", request_with("refresh_token", "open-sesame-1234", how), 0.0, Bindings())

    assert "open-sesame-1234" in set(secrets_of_trace(Trace("x", (occurrence,))))


def test_what_a_participant_learnt_is_collected() -> None:
    """Bindings hold values from outside that no message carried."""
    known = Bindings({"password": "from-outside"}, {"client": {"web_secret": "inside-client"}})

    assert set(secrets_of_trace(Trace("x", (Occurrence(0, "a", "b", None, 0.0, known),)))) == {
        "from-outside",
        "inside-client",
    }


def test_private_parts_of_a_jwk_are_secrets() -> None:
    """The `d` of a key is secret, a `d` elsewhere is not."""
    key = {"kty": "EC", "x": "public-part-x", "d": "private-part-d"}
    body = json.dumps({"keys": [key], "d": "a-harmless-d"}).encode()
    trace = Trace("x", (Occurrence(0, "a", "b", Response(200, body=body), 0.0, Bindings()),))

    assert set(secrets_of_trace(trace)) == {"private-part-d"}


@pytest.mark.parametrize(
    "text",
    [
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg\n-----END PRIVATE KEY-----",
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQVYBGJk0vkBDADs\n-----END PGP PRIVATE KEY BLOCK-----",
        "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JR0hBZ0VBTUJNR0J5cUdTTTQ5",
        "Bearer 2YotnFZFEjr1zCsicMWpAA",
        "Basic d2ViOnNlY3JldA==",
    ],
)
def test_shapes_of_secrets_are_masked_unseen(text: str) -> None:
    """A token, key or credential is masked even if no message of the run carried it."""
    assert text.split(" ")[-1] not in Masker().text(f"see {text} here")


def test_a_literal_password_in_the_drawing_is_masked() -> None:
    """What the author wrote out in the settings is not shown again; a value from outside keeps its name."""
    text = Masker().source("users.alice.password = wonderland\npassword = {password}\nusername = alice")

    assert text == "users.alice.password = wo…\npassword = {password}\nusername = alice"


@pytest.mark.parametrize(
    "text",
    ['Bearer error_description="expired"', 'Bearer resource_metadata="https://a.test"', 'Basic realm="https://a"'],
)
def test_parameters_of_a_challenge_are_no_credentials(text: str) -> None:
    """What stands behind a scheme in `WWW-Authenticate` is shown."""
    assert Masker().text(text) == text


def test_settings_that_are_called_like_secrets_and_are_none() -> None:
    """The paths of endpoints, and `dpop = required`."""
    note = "endpoints.token = /oauth/token\n  dpop = required\n  clients.web.secret = tea-party"
    text = f"@startuml\nnote over auth\n  {note}\nend note\nclient -> auth : GET /\nauth --> client : 200\n@enduml\n"

    assert set(secrets_of_scenario(cases(read(Source("flow.puml", text))[0])[0])) == {"tea-party"}


def test_very_short_secrets_do_not_hide_ordinary_words() -> None:
    """A one-letter password is masked in its own field, not wherever the letter occurs."""
    assert Masker(["a"]).text("a banana") == "a banana"
    assert Masker(["a"]).value("password", "a") == "…"
    assert (Masker().value("max_tokens", 4096), Masker().value("pin", 4711)) == ("4096", "4…")


@pytest.mark.parametrize("render", [failure, draw_run, annotate])
def test_no_rendering_holds_a_secret(
    run: Callable[..., Verdict], secrets: tuple[str, ...], render: Callable[[Verdict], str]
) -> None:
    """Whatever is rendered of a broken run, no secret of it is there."""
    from seqtest.errors import Finding

    broken = run(failures={2: Finding("SQ540", f"got {secrets[0]}", got="won&derland")})
    text = render(broken)

    assert text
    assert [secret for secret in secrets if secret in text] == []


@given(
    name=st.sampled_from(NAMES),
    secret=st.from_regex(r"[A-Za-z0-9+/&= !-]{12,40}", fullmatch=True),
    how=st.sampled_from(["form", "query", "json", "bearer", "cookie"]),
)
def test_no_picture_holds_a_secret_wherever_it_was_sent(name: str, secret: str, how: str) -> None:
    """Any secret, sent in any field and any way, is not in the message as shown."""
    from seqtest.render.wire import in_short, laid_out

    secret = secret.strip().replace(" ", "+").replace("=", "-").replace("&", "-") + "tail"
    content = request_with(name, secret, how)
    masker = Masker(secrets_of_trace(Trace("x", (Occurrence(0, "a", "b", content, 0.0, Bindings()),))))
    text = "\n".join([*laid_out(content, masker), in_short(content, masker)])

    assert secret not in text
    assert quote_plus(secret) not in text


def test_a_divider_is_no_password() -> None:
    """`== … a password ==` holds no value; `password = x` does."""
    masker = Masker()

    assert masker.source("== Nobody asks for a password ==") == "== Nobody asks for a password =="
    assert "wonderland" not in masker.source("users.alice.password = wonderland")


PART = '--x\r\nContent-Disposition: form-data; name="{}"\r\nContent-Type: text/plain\r\n\r\n{}\r\n--x--\r\n'


@pytest.mark.parametrize(
    ("body", "hidden"),
    [
        ("<input type=hidden name=code value=of-a-page>", {"of-a-page"}),
        ("<form><input value='a&amp;b-c' name=\"password\"></form>", {"a&b-c"}),
        ("<form><input name=city value=Wonderland><input name=code></form>", set()),
        ("<e:Envelope><wsse:Password Type='x'> of-soap </wsse:Password><City>Berlin</City></e:Envelope>", {"of-soap"}),
        ("<a><ds:SignatureValue>c2ln\nbmF0</ds:SignatureValue><password/></a>", {"c2ln\nbmF0"}),
        (PART.format("password", "of-a-part"), {"of-a-part"}),
        (PART.format("city", "Wonderland"), set()),
        (PART.format("password", "two\r\nlines"), {"two\r\nlines"}),
    ],
)
def test_fields_of_pages_xml_and_multipart(body: str, hidden: set[str]) -> None:
    """By their names, as in forms and JSON."""
    assert {one for one in secrets_of_message(Response(200, Headers(), body.encode())) if one} == hidden


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("draw `keys.k1.secret = {…}`, the client's secret", "draw `keys.k1.secret = {…}`, the client's secret"),
        ("secret = secret", "secret = s…"),
        ("client_secret=secret&a=secret", "client_secret=s…&a=s…"),
        ('{"secret": "secret", "a":"secret"}', '{"secret": "s…", "a":"s…"}'),
        ("POST /token {password: secret, secret: x}", "POST /token {password: s…, secret: x}"),
    ],
)
def test_a_password_that_is_the_name_of_a_field_is_masked_as_a_value(text: str, seen: str) -> None:
    """Advice that names a setting stays readable when somebody's password is `secret`."""
    assert Masker(["secret"]).text(text) == seen


@pytest.mark.parametrize(
    ("code", "is_shown"),
    [
        ("token_not_valid", True),
        ("USER_NOT_FOUND", True),
        ("invalid", False),
        ("SplxlOBeZQQYbYS6WxSbIA", False),
        ("splx_LOB_eZQ", False),
        ("a_b_c_d", False),
        ("123456", False),
        ("400", True),
    ],
)
def test_the_name_of_an_error_is_no_authorization_code(code: str, is_shown: bool) -> None:
    """APIs call their errors `code` too."""
    answer = Response(401, Headers([("Content-Type", "application/json")]), json.dumps({"code": code}).encode())
    masker = Masker(secrets_of_message(answer))

    assert (masker.value("code", code) == code) is is_shown
    assert (code in masker.text(f"got {code}")) is is_shown
    assert masker.value("device_code", "token_not_valid") != "token_not_valid"


@pytest.mark.parametrize(
    ("name", "value", "is_shown"),
    [
        ("csrf_token", "The CSRF token is missing.", True),
        ("refresh_token", "This field may not be blank.", True),
        ("password", "Correct horse battery staple.", False),
        ("client_secret", "Never gonna give you up.", False),
        ("token", "The token sPlx9LOBeZQQYbYS6WxSbIA is wrong.", False),
        ("token", "correct horse battery staple", False),
    ],
)
def test_what_is_wrong_with_a_field_is_no_value_of_it(name: str, value: str, is_shown: bool) -> None:
    """An API tells it under the field's name; a sentence is no token, and may be a password."""
    body = json.dumps({"errors": {name: [value]}}).encode()
    masker = Masker(secrets_of_message(Response(400, Headers([("Content-Type", "application/json")]), body)))

    assert (value in masker.text(body.decode())) is is_shown
    assert (masker.value(name, value) == value) is is_shown


@pytest.mark.parametrize(
    "note",
    [
        'note right: {"password": "hunter2-hunter2"}',
        'note right\n{\n  "login": {"credentials": [{"password": "hunter2-hunter2"}]}\n}\nend note',
        'note right\n  Content-Type: application/json\n  login = {"password": "hunter2-hunter2"}\nend note',
        'note right: password = "hunter2-hunter2"',
    ],
)
def test_secrets_in_drawn_json_are_known_before_they_are_sent(note: str) -> None:
    """However deep they stand, without the quotes of JSON."""
    text = f"@startuml\nclient -> api : POST /x\n{note}\napi --> client : 201\n@enduml\n"

    assert set(secrets_of_scenario(cases(read(Source("flow.puml", text))[0])[0])) == {"hunter2-hunter2"}
