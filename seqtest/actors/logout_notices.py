"""Telling the clients of a session that it is over: Back-Channel Logout 1.0 and Front-Channel Logout 1.0."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from seqtest.actors import openid
from seqtest.actors.provider import Provider
from seqtest.actors.registered_client import Client
from seqtest.auth import jwt
from seqtest.exchange import Headers, Request

EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_TOKEN_SECONDS = 120
"""Back-Channel Logout section 4: not longer than about two minutes."""


def tell(server: Provider, told: Mapping[str, str], sid: str) -> list[str]:
    """Tell each client (client_id → `sub`) over its back channel; the addresses of those that a browser must open."""
    clients = [(client, sub) for client_id, sub in told.items() if (client := server.clients.get(client_id))]
    for client, sub in clients:
        if client.backchannel_logout_uri is not None:
            _tell(server, client, client.backchannel_logout_uri, sub, sid)
    return [frame(server, client, sid) for client, _ in clients if client.frontchannel_logout_uri is not None]


def frame(server: Provider, client: Client, sid: str) -> str:
    """Front-Channel Logout section 3: with `iss` and `sid`, both or neither, so that the client knows which session."""
    url = client.frontchannel_logout_uri or ""
    if not client.frontchannel_logout_session_required:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode({'iss': server.issuer, 'sid': sid})}"


def _tell(server: Provider, client: Client, url: str, sub: str, sid: str) -> None:
    """Section 2.5: a POST, whose failure keeps nobody from being logged out."""
    receiver = server.part.network.participant(url)
    if receiver is None:
        return
    body = urlencode({"logout_token": logout_token(server, client, sub, sid)}).encode()
    headers = Headers([("Content-Type", "application/x-www-form-urlencoded")])
    try:
        server.part.network.call(server.id, receiver, Request("POST", url, headers, body))
    except OSError:
        return


def logout_token(server: Provider, client: Client, sub: str, sid: str) -> str:
    """Back-Channel Logout section 2.4: no `nonce`, so that it is no ID token."""
    now = int(server.now())
    claims: dict[str, Any] = {
        "iss": server.issuer,
        "aud": client.client_id,
        "iat": now,
        "exp": now + LOGOUT_TOKEN_SECONDS,
        "jti": server.tokens.random_text(16),
        "sub": sub,
        "sid": sid,
        "events": {EVENT: {}},
    }
    return jwt.sign({"typ": "logout+jwt"}, claims, openid.id_token_key(server, client))
