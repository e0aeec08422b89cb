"""The refusal of a token-style endpoint, as an exception and as an answer (RFC 6749 section 5.2)."""

from typing import TYPE_CHECKING

from seqtest.actors.web import NO_STORE, json_response
from seqtest.auth import oauth
from seqtest.auth.challenge import Challenge

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as WebResponse


class OAuthError(Exception):
    """Refuse the request with one of the error codes of `seqtest.auth.oauth.ERRORS`."""

    def __init__(self, code: str, description: str = "", status: int | None = None, **headers: str) -> None:
        """`headers` are more of the answer's, with `_` for `-`."""
        super().__init__(code)
        self.code = oauth.ERRORS[code]
        self.description = oauth.description(description)
        self.status = status or self.code.status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def response(self, realm: str) -> "WebResponse":
        """The answer; a 401 names Basic, the scheme a client may authenticate by."""
        headers = {**NO_STORE, **self.headers}
        if self.status == 401:
            # RFC 6749 section 5.2, and RFC 9110 section 15.5.2 for any 401.
            headers["WWW-Authenticate"] = str(Challenge("Basic", {"realm": realm}))
        body = {"error": self.code.name}
        if self.description:
            body["error_description"] = self.description
        return json_response(body, self.status, headers)
