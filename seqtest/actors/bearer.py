"""Bearer tokens in requests, and the challenges that refuse them (RFC 6750)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from seqtest.actors.allowances import NOTHING, Allowed
from seqtest.actors.web import json_response
from seqtest.auth import oauth
from seqtest.auth.challenge import Challenge
from seqtest.auth.dpop import PROOF_ALGORITHMS

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as WebRequest
    from werkzeug.wrappers import Response as WebResponse


class Refusal(Exception):
    """Answer with a challenge instead of a resource (RFC 6750 section 3)."""

    def __init__(self, error: str | None, description: str = "", scope: tuple[str, ...] = ()) -> None:
        super().__init__(error or "no credentials")
        self.error = error
        self.description = oauth.description(description)
        self.scope = scope

    def response(self, realm: str) -> "WebResponse":
        """The answer. Without credentials there is no `error` (section 3.1)."""
        parameters = {"realm": realm}
        if self.error is not None:
            parameters["error"] = self.error
        if self.description:
            parameters["error_description"] = self.description
        if self.scope:
            parameters["scope"] = " ".join(self.scope)
        status = 401 if self.error is None else oauth.BEARER_ERRORS.get(self.error, 401)
        body = {name: value for name, value in parameters.items() if name != "realm"} or {"error": "unauthorized"}
        headers = {"WWW-Authenticate": str(Challenge("Bearer", parameters)), "Cache-Control": "no-store"}
        return json_response(body, status, headers)


class ProofRefusal(Refusal):
    """A refusal in the words of DPoP (RFC 9449 section 7.1)."""

    def __init__(self, error: str, description: str, nonce: str | None = None) -> None:
        super().__init__(error, description)
        self.nonce = nonce

    def response(self, realm: str) -> "WebResponse":
        """401 with the algorithms that proofs may have, and the nonce where one is wanted."""
        parameters = {
            "realm": realm,
            "error": str(self.error),
            "error_description": self.description,
            "algs": " ".join(PROOF_ALGORITHMS),
        }
        headers = {"WWW-Authenticate": str(Challenge("DPoP", parameters)), "Cache-Control": "no-store"}
        if self.nonce is not None:
            headers["DPoP-Nonce"] = self.nonce
        return json_response({"error": self.error, "error_description": self.description}, 401, headers)


def bearer_token(request: "WebRequest", allows: Allowed = NOTHING, *, in_form: bool = False) -> str:
    """The request's token (RFC 6750 section 2.1). Raises Refusal when there is none or more than one.

    A token under `DPoP` is one, too: whoever reads it must check its proof (`seqtest.actors.proofs.check_proof`).
    Tokens in the URI are not read (RFC 9700 section 4.3.2), and none in a form but with `in_form` (section 2.2), unless
    a switch lets them in.
    """
    field_value = request.headers.get("Authorization")
    if field_value is None:
        sent = request.form.getlist("access_token") if in_form and request.method == "POST" else []
        if len(sent) > 1:
            raise Refusal("invalid_request", "the token is there twice")
        return _checked(sent[0]) if sent else _elsewhere(request, allows)
    scheme, _, rest = field_value.strip().partition(" ")
    if scheme.lower() not in ("bearer", "dpop"):
        allows.refuse("auth_scheme_wrong", Refusal(None))
    if "access_token" in request.args or "access_token" in request.form:
        allows.refuse("token_two_methods", Refusal("invalid_request", "the token is there twice"))
    token = rest.strip(" ")
    if token.startswith("{") and "jwt_json_serialization" in allows:
        return token
    if "," in token:
        allows.refuse("auth_header_duplicate", Refusal("invalid_request", "the Authorization field is there twice"))
        token = token.partition(",")[0].strip()
    return _checked(token)


def _checked(token: str) -> str:
    if not oauth.is_bearer_token(token):
        # Something was sent, and it is no token: section 3.1 has this as malformed.
        raise Refusal("invalid_token", "this is no bearer token")
    return token


def _elsewhere(request: "WebRequest", allows: Allowed) -> str:
    places: tuple[tuple[str, Mapping[str, str]], ...] = (
        ("token_in_query", request.args),
        ("token_in_body_get", request.form),
        ("token_in_cookie", request.cookies),
    )
    for name, values in places:
        if name in allows and "access_token" in values:
            return values["access_token"]
    raise Refusal(None)
