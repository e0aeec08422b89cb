"""The parameters of a request to a token-style endpoint (RFC 6749 section 3.2)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from seqtest.actors.allowances import NOTHING, Allowed
from seqtest.actors.certificates import shown
from seqtest.actors.clients import Credentials
from seqtest.actors.oauth_error import OAuthError

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict
    from werkzeug.wrappers import Request as WebRequest

REPEATABLE = frozenset({"resource", "audience"})
"""RFC 8707 section 2, RFC 8693 section 2.1."""

NEVER_IN_THE_URI = (
    "client_secret",
    "client_assertion",
    "password",
    "refresh_token",
    "code",
    "code_verifier",
    "device_code",
    "auth_req_id",
    "token",
    "subject_token",
    "actor_token",
)
"""RFC 6749 section 2.3.1 for the secret; the others are secrets of the same kind."""

Parameters = Mapping[str, str]


def read_form(request: "WebRequest", allows: Allowed = NOTHING) -> dict[str, str]:
    """The form's parameters; one without a value is absent. Raises OAuthError, also for one that stands twice."""
    form: MultiDict[str, str] = request.form
    if request.method == "GET":
        return once_each(request.args, "token_params_duplicate" in allows)
    if request.mimetype != "application/x-www-form-urlencoded":
        problem = OAuthError("invalid_request", "Content-Type must be application/x-www-form-urlencoded")
        allows.refuse("token_endpoint_content_type", problem)
        form = _any_form(request)
    found = once_each(form, "token_params_duplicate" in allows)
    if request.query_string and any(name in request.args for name in NEVER_IN_THE_URI):
        allows.refuse("client_auth_in_query", OAuthError("invalid_request", "secrets must not be in the request URI"))
        found = {**request.args.to_dict(), **found}
    return found


def _any_form(request: "WebRequest") -> "MultiDict[str, str]":
    """The body as a form, whatever it says it is."""
    from urllib.parse import parse_qsl

    from werkzeug.datastructures import MultiDict

    return MultiDict(parse_qsl(request.get_data(as_text=True), keep_blank_values=True))


def once_each(values: "MultiDict[str, str]", takes_first: bool = False) -> dict[str, str]:
    """Each parameter with its one value. Raises OAuthError for one that stands twice."""
    found: dict[str, str] = {}
    for name, texts in values.lists():
        if len(texts) > 1 and name not in REPEATABLE and not takes_first:
            raise OAuthError("invalid_request", f"the parameter {name} is there {len(texts)} times")
        if texts[0] != "":
            found[name] = texts[0]
    return found


def credentials(request: "WebRequest", form: Parameters) -> Credentials:
    """What the request says about its client. Another scheme than Basic is as good as a wrong one."""
    return Credentials(
        request.headers.get("Authorization"),
        form.get("client_id"),
        form.get("client_secret"),
        form.get("client_assertion"),
        form.get("client_assertion_type"),
        shown(request),
    )


def needed(form: Parameters, name: str) -> str:
    """The parameter's value. Raises OAuthError when it is absent."""
    value = form.get(name)
    if value is None:
        raise OAuthError("invalid_request", f"the parameter {name} is missing")
    return value
