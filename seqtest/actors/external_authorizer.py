"""Who is asked by a CUSTOM policy, as Envoy's filter `ext_authz` asks over HTTP."""

from seqtest.actors.actor import Part
from seqtest.exchange import Headers, Request, Response

SENT = "Authorization"
"""What the question has of the request's fields; besides, its method and its path, and no body."""

HOP = frozenset({"connection", "content-length", "transfer-encoding"})


def asked(part: Part, authorizer: str, request: Request, path: str) -> Response | None:
    """The refusal; None when the authorizer lets the request pass, which it does with 200 alone.

    Its refusal is the caller's answer, with its fields. Where it cannot be reached the request is refused with 403.
    """
    query = request.url.partition("#")[0].partition("?")[2]
    url = part.network.url(authorizer) + path + (f"?{query}" if query else "")
    fields = [(SENT, value) for value in request.headers.get_all(SENT)]
    try:
        answer = part.network.call(part.participant, authorizer, Request(request.method, url, Headers(fields)))
    except OSError:
        return Response(403)
    if not isinstance(answer, Response) or answer.status >= 500:
        return Response(403)
    if answer.status == 200:
        return None
    kept = [(name, value) for name, value in answer.headers if name.lower() not in HOP]
    return Response(answer.status, Headers(kept), answer.body)
