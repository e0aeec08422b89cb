"""`self.http`: how a user's actor calls other participants; each call is an arrow."""

import json as json_text
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from seqtest.actors.actor import Part
from seqtest.dataclass import dataclass
from seqtest.exchange import Headers, Request, Response


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A response, as a caller likes to read it."""

    response: Response

    @property
    def status(self) -> int:
        return self.response.status

    @property
    def status_code(self) -> int:
        """The same, as `requests` and `httpx` call it."""
        return self.response.status

    @property
    def headers(self) -> Headers:
        return self.response.headers

    @property
    def content(self) -> bytes:
        return self.response.body

    @property
    def text(self) -> str:
        return self.response.body.decode(errors="replace")

    @property
    def ok(self) -> bool:
        return self.response.status < 400

    def json(self) -> Any:
        """The body as JSON. Raises ValueError when it is none."""
        return json_text.loads(self.response.body)


class Http:
    """Sends requests as one participant. Redirects are not followed: each hop is an arrow of its own."""

    def __init__(self, part: Part) -> None:
        self._part = part

    def get(self, participant: str, path: str, **more: Any) -> HttpAnswer:
        return self.request("GET", participant, path, **more)

    def post(self, participant: str, path: str, **more: Any) -> HttpAnswer:
        return self.request("POST", participant, path, **more)

    def put(self, participant: str, path: str, **more: Any) -> HttpAnswer:
        return self.request("PUT", participant, path, **more)

    def patch(self, participant: str, path: str, **more: Any) -> HttpAnswer:
        return self.request("PATCH", participant, path, **more)

    def delete(self, participant: str, path: str, **more: Any) -> HttpAnswer:
        return self.request("DELETE", participant, path, **more)

    def request(
        self,
        method: str,
        participant: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | bytes | str | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> HttpAnswer:
        """Send and wait. `data` is a form or a raw body, `auth` HTTP Basic; `path` may be an absolute URL.

        Raises ConnectionError when the message or its answer is lost.
        """
        url = path if "://" in path else self._address(participant) + path
        if params:
            url += ("&" if "?" in url else "?") + urlencode(params, doseq=True)
        fields = Headers((headers or {}).items())
        body = b""
        if json is not None:
            body, fields = json_text.dumps(json).encode(), fields.with_default("Content-Type", "application/json")
        elif isinstance(data, Mapping):
            body = urlencode(data, doseq=True).encode()
            fields = fields.with_default("Content-Type", "application/x-www-form-urlencoded")
        elif data is not None:
            body = data.encode() if isinstance(data, str) else data
        if auth is not None:
            credentials = b64encode(f"{auth[0]}:{auth[1]}".encode()).decode()
            fields = fields.with_default("Authorization", f"Basic {credentials}")
        answer = self._part.network.call(self._part.participant, participant, Request(method, url, fields, body))
        if not isinstance(answer, Response):
            raise ConnectionError(f"{participant} did not answer {method} {path}")
        return HttpAnswer(answer)

    def _address(self, participant: str) -> str:
        try:
            return self._part.network.url(participant)
        except KeyError:
            # Nobody's: the call says so where it is written down, whatever becomes of the exception here.
            return f"https://{participant}.invalid"
