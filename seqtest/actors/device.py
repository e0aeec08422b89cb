"""Device authorization (RFC 8628): a device without a browser shows a code, and its user approves it elsewhere."""

from html import escape
from typing import TYPE_CHECKING, Any

from seqtest.actors import pages, polling
from seqtest.actors.grants import asked_scope
from seqtest.actors.oauth_error import OAuthError
from seqtest.actors.parameters import Parameters, credentials, needed, once_each, read_form
from seqtest.actors.provider import Provider, Waiting
from seqtest.actors.registered_client import Client
from seqtest.actors.web import NO_STORE, json_response

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as WebRequest
    from werkzeug.wrappers import Response as WebResponse


GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""Section 6.1: no vowels, so that no code is a word; eight of them are 34 bits, with throttled guesses."""


def authorize(server: Provider, request: "WebRequest") -> "WebResponse":
    """The device authorization endpoint (section 3.1)."""
    form = read_form(request, server.allows)
    client = server.clients.authenticate(credentials(request, form))
    if not server.grant_types.may_use(client, GRANT_TYPE):
        raise OAuthError("unauthorized_client", "the client may not use this grant type")
    lifetime, interval = server.settings["device.lifetime"], server.settings["device.interval"]
    device_code, letters = server.tokens.random_text(), "".join(server.part.random.choices(LETTERS, k=8))
    user_code = f"{letters[:4]}-{letters[4:]}"
    scope = asked_scope(server, client, form)
    server.devices[device_code] = Waiting(client.client_id, scope, server.now() + lifetime, interval, user_code)
    page = server.url("device")
    answer = {
        "device_code": device_code,
        "user_code": user_code,
        "verification_uri": page,
        "verification_uri_complete": f"{page}?user_code={user_code}",
        "expires_in": lifetime,
        "interval": interval,
    }
    return json_response(answer, 200, NO_STORE)


def page(server: Provider, request: "WebRequest") -> "WebResponse":
    """The page at which the user types the code and says yes or no (section 3.3)."""
    try:
        form = once_each(request.form if request.method == "POST" else request.args)
    except OAuthError as refusal:
        return pages.error_page(refusal.description)
    typed = form.get("user_code", "")
    wait = 0 if "device_user_code_guess" in server.allows else server.throttle.wait("user_code", "")
    device = None if wait or not typed else _waiting(server, typed)
    if device is None and typed and not wait:
        server.throttle.failed("user_code", "")
    if request.method != "POST":
        return _form(request.path, typed, device)
    if device is None:
        return _form(request.path, "", None, "There is no such code." if not wait else "There were too many failures.")
    return _answered(server, request.path, device, form)


def _answered(server: Provider, path: str, device: Waiting, form: Parameters) -> "WebResponse":
    if not polling.answer(server, device, form):
        return _form(path, device.user_code, device, "The name or the password is wrong.", form.get("login", ""))
    if device.is_denied:
        return pages.page("Denied", "<p>The device was told.</p>")
    return pages.page("Done", "<p>You can go back to your device.</p>")


def _waiting(server: Provider, typed: str) -> Waiting | None:
    """By what a person typed: without regard to case, and to what is no letter (section 6.1)."""
    letters = "".join(letter for letter in typed.upper() if letter in LETTERS)
    now = server.now()
    return next(
        (
            device
            for device in server.devices.values()
            if device.user_code.replace("-", "") == letters
            and now < device.exp
            and device.grant is None
            and not device.is_denied
        ),
        None,
    )


def device_code(server: Provider, client: Client, form: Parameters, resources: list[str]) -> dict[str, Any]:
    """The token request of a device (section 3.4). Raises OAuthError as section 3.5 has it."""
    code = needed(form, "device_code")
    return polling.poll(server, client, server.devices.get(code), resources, what="device code")


def _form(action: str, user_code: str, device: Waiting | None, message: str = "", login: str = "") -> "WebResponse":
    """Asks for the code, and by whom it is approved; of a code that is known it shows what for (section 5.4)."""
    shown = ""
    if device is not None:
        shown = f"<p>{escape(device.client_id)} wants to:</p>" if device.scope else f"<p>{escape(device.client_id)}</p>"
        shown += pages.scope_list(device.scope)
    is_code_wrong = bool(message) and device is None
    code = pages.text_field(
        "Code",
        "user_code",
        user_code,
        more=' autocomplete="off" autocapitalize="characters" spellcheck="false"',
        is_wrong=is_code_wrong,
        is_first=not user_code,
    )
    fields = code + pages.credentials(login, is_wrong=bool(message) and not is_code_wrong, is_first=bool(user_code))
    # Section 3.3.1: a code that came by a link must be compared, too.
    hint = "<p>Go on only if your device shows this code.</p>"
    form = f'<form method="post" action="{escape(action)}">{fields}{hint}{pages.CHOICE}</form>'
    return pages.page("Connect a device", pages.problem_text(message) + shown + form, 400 if message else 200)
