"""What the claims and header parameters of a JWT mean, and the clause that says so."""

from collections.abc import Mapping
from typing import NamedTuple


class Meaning(NamedTuple):
    words: str
    clause: str


CLAIMS: Mapping[str, Meaning] = {
    "iss": Meaning("who issued the token", "RFC 7519 section 4.1.1"),
    "sub": Meaning("whom the token is about", "RFC 7519 section 4.1.2"),
    "aud": Meaning("whom it is for; everybody else must reject it", "RFC 7519 section 4.1.3"),
    "exp": Meaning("from this moment on it must not be accepted", "RFC 7519 section 4.1.4"),
    "nbf": Meaning("before this moment it must not be accepted", "RFC 7519 section 4.1.5"),
    "iat": Meaning("when it was issued", "RFC 7519 section 4.1.6"),
    "jti": Meaning("its own identifier, by which it can be revoked or refused a second time", "RFC 7519 section 4.1.7"),
    "scope": Meaning("what it allows, as words with blanks between them", "RFC 9068 section 2.2.3"),
    "client_id": Meaning("the client it was issued to", "RFC 9068 section 2.2"),
    "auth_time": Meaning("when the user logged in", "OpenID Connect Core section 2"),
    "acr": Meaning("how strongly the user was authenticated", "OpenID Connect Core section 2"),
    "amr": Meaning("the methods by which the user was authenticated", "OpenID Connect Core section 2"),
    "azp": Meaning("the client that the ID token was issued to", "OpenID Connect Core section 2"),
    "nonce": Meaning("ties the ID token to the client's request", "OpenID Connect Core section 2"),
    "at_hash": Meaning(
        "half of the access token's hash: the two belong together", "OpenID Connect Core section 3.1.3.6"
    ),
    "c_hash": Meaning("half of the code's hash: the two belong together", "OpenID Connect Core section 3.3.2.11"),
    "sid": Meaning(
        "the session at the provider, by which it is ended", "OpenID Connect Front-Channel Logout section 3"
    ),
    "events": Meaning("what happened, as a logout token says it", "OpenID Connect Back-Channel Logout section 2.4"),
    "name": Meaning("the user's full name", "OpenID Connect Core section 5.1"),
    "preferred_username": Meaning("the name by which the user is known here", "OpenID Connect Core section 5.1"),
    "email": Meaning("the user's mail address", "OpenID Connect Core section 5.1"),
    "email_verified": Meaning("whether the mail address was verified", "OpenID Connect Core section 5.1"),
    "updated_at": Meaning("when the user's claims were last changed", "OpenID Connect Core section 5.1"),
    "cnf": Meaning("the key that the sender must prove to hold", "RFC 7800 section 3.1"),
    "act": Meaning("who acts for the subject", "RFC 8693 section 4.1"),
    "may_act": Meaning("who is allowed to act for the subject", "RFC 8693 section 4.4"),
    "htm": Meaning("the method of the request that the proof is for", "RFC 9449 section 4.2"),
    "htu": Meaning("the address of the request that the proof is for", "RFC 9449 section 4.2"),
    "ath": Meaning("the hash of the access token that the proof goes with", "RFC 9449 section 4.2"),
    "groups": Meaning("the groups that the user is a member of", "RFC 9068 section 2.2.3.1"),
    "roles": Meaning("the roles that the user has", "RFC 9068 section 2.2.3.1"),
    "entitlements": Meaning("what the user is entitled to", "RFC 9068 section 2.2.3.1"),
    "upn": Meaning("the user's name for the application", "MicroProfile JWT section 4.1"),
}
HEADER: Mapping[str, Meaning] = {
    "alg": Meaning("the algorithm of the signature; the reader decides which it accepts", "RFC 7515 section 4.1.1"),
    "kid": Meaning("which of the issuer's keys signed it", "RFC 7515 section 4.1.4"),
    "typ": Meaning("what kind of token it is, so that no other is taken for it", "RFC 7515 section 4.1.9"),
    "cty": Meaning("what is inside, where it is another token", "RFC 7515 section 4.1.10"),
    "jku": Meaning("an address of keys; following it blindly trusts whoever wrote it", "RFC 7515 section 4.1.2"),
    "jwk": Meaning("a key, sent along: it proves nothing about who signed", "RFC 7515 section 4.1.3"),
    "x5c": Meaning("the certificates of the key", "RFC 7515 section 4.1.6"),
    "x5t": Meaning("the fingerprint of the key's certificate", "RFC 7515 section 4.1.7"),
    "crit": Meaning("parameters that the reader must understand or reject the token", "RFC 7515 section 4.1.11"),
    "enc": Meaning("the algorithm that encrypts the content", "RFC 7516 section 4.1.2"),
}
