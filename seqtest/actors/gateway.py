"""`<<gateway>>`: a proxy in front of an API that checks tokens and policies as Istio has Envoy do it.

RequestAuthentication: a request without a token passes, a bad token is 401 (a wrong audience 403). AuthorizationPolicy:
403 by claims, methods, paths and headers. What passes is sent on to the upstream, an arrow of the run.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from seqtest.actors.access import ConfiguredKeys, FetchedKeys, issuer_of
from seqtest.actors.actor import Actor, Part
from seqtest.actors.allowances import GATEWAY, allowed, rows
from seqtest.actors.external_authorizer import asked
from seqtest.actors.files import NoFile, text_of
from seqtest.actors.gateway_policy import View, is_allowed, providers
from seqtest.actors.gateway_tokens import BadToken, Identity, Keys, PushedKeys, TokenFilter, claim_at, keys_of
from seqtest.actors.istio import ACTIONS, BadResource, JwtRule, Policy, jwt_rules, policy, read_documents
from seqtest.actors.settings import Setting, Settings, Table, anything, one_of, seconds, text, words
from seqtest.auth import base64url
from seqtest.auth.challenge import Challenge
from seqtest.errors import Finding, UnplayableScenario
from seqtest.exchange import Headers, Request, Response


def _listed(value: Any) -> list[Any]:
    """Words, or a JSON array."""
    return list(value) if isinstance(value, list | tuple) else list(words(value))


TABLE = Table(
    Setting("upstream", text, "The participant that gets what passes. Default: the only `<<resource-server>>`."),
    Setting(
        "policy",
        words,
        "YAML files with RequestAuthentication and AuthorizationPolicy, beside the diagram or below the current "
        "folder (`pip install 'seqtest[gateway]'`).",
    ),
    Setting("labels", words, "The workload's labels, such as `app=gateway`: resources with another selector do not "
            "count. Default: all count."),
    Setting("jwt.*.issuer", text, "A rule of RequestAuthentication by a name of your own: whose tokens are taken. "
            "Default: the `issuer` of the participant that `trusts` names."),
    Setting("jwt.*.trusts", text, "The participant with the keys. Default: whose address `jwksUri` or `issuer` is."),
    Setting("jwt.*.jwksUri", text, "The address of the keys."),
    Setting("jwt.*.jwks", anything, "The keys themselves, as a JWK Set."),
    Setting("jwt.*.audiences", _listed, "Any of them must be in `aud`; otherwise 403. Default: `aud` is not checked."),
    Setting("jwt.*.fromHeaders", _listed, 'Where tokens stand: `x-token`, or `[{"name": "x-token", "prefix": "JWT "}]`.'
            " Default, where none of the three is drawn: `Authorization: Bearer` and the query's `access_token`."),
    Setting("jwt.*.fromParams", _listed, "Query parameters with a token."),
    Setting("jwt.*.fromCookies", _listed, "Cookies with a token."),
    Setting("jwt.*.outputPayloadToHeader", text, "The header in which the upstream gets the payload, base64url."),
    Setting("jwt.*.outputClaimToHeaders", _listed, '`[{"header": "x-sub", "claim": "sub"}]`: claims for the upstream.'),
    Setting("jwt.*.forwardOriginalToken", anything, "`true`: the upstream gets the token, too. Default: `false`."),
    Setting("jwt.*.spaceDelimitedClaims", _listed, "Claims whose text is a list. Default: `scope permission`."),
    Setting("policies.*.action", one_of(*ACTIONS), "An AuthorizationPolicy by its name: what its rules do. "
            "Default: `ALLOW`."),
    Setting("policies.*.provider", text, "Of `CUSTOM`: who is asked; a participant, or the name of a provider."),
    Setting("policies.*.rules", _listed, "Its rules as JSON on one line, with Istio's names; none lets nobody in."),
    Setting("providers.*", text, "The participant that an external authorizer's name (`spec.provider.name`) means. "
            "Default: the participant of that name."),
    Setting("jwks", one_of("pushed", "fetched"), "`pushed`: the control plane brings the keys, no arrow. `fetched`: "
            "the gateway asks for them, an arrow.", "pushed"),
    Setting("jwks_lifetime", seconds, "How long keys are kept. Default: 20 minutes pushed, 10 minutes fetched."),
    Setting("leeway", seconds, "How far the issuer's clock may be off.", "60 seconds"),
    Setting("path_normalization", one_of("BASE", "MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES"), "What is done to a path "
            "before policies see it and the upstream gets it.", "BASE"),
    *rows(GATEWAY),
)  # fmt: skip

HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer"}
    | {"transfer-encoding", "upgrade", "content-length", "host"}
)
"""Not sent on (RFC 9110 section 7.6.1); the last two are the next hop's own."""

FORGED = frozenset(
    {
        "client-cert",
        "client-cert-chain",
        "x-forwarded-client-cert",
        "x-original-url",
        "x-forwarded-uri",
        "x-forwarded-method",
    }
)
"""Which only a proxy may write: taken out of what comes from outside (RFC 9700 section 4.13)."""

REFUSED_BY_POLICY = "RBAC: access denied"


class Gateway(Actor):
    """A proxy that lets through what Istio's resources let through."""

    settings_table: ClassVar[Mapping[str, str]] = TABLE.documentation()

    def __init__(self, part: Part) -> None:
        super().__init__(part)
        self.settings = Settings(TABLE, part.settings, part.participant)
        try:
            rules, self.policies = self._resources()
        except BadResource as problem:
            raise UnplayableScenario(_bad_resource(self.id, str(problem))) from None
        self.upstream = self.settings["upstream"] or self._only_api()
        self.allows = allowed(self.settings)
        self.authorizers = {one.provider: self._authorizer(one.provider) for one in self.policies if one.provider}
        pairs = [(rule, self._keys(rule)) for rule in rules]
        self.tokens = TokenFilter(pairs, part.clock, self.settings["leeway"], self.allows)
        self._own_headers = frozenset(
            name.lower()
            for rule in rules
            for name in (rule.payload_header, *(h for h, _ in rule.claim_headers))
            if name
        )

    # What the settings say

    def _resources(self) -> tuple[list[JwtRule], list[Policy]]:
        labels = dict(pair.partition("=")[::2] for pair in self.settings["labels"] or ())
        rules: list[JwtRule] = []
        policies: list[Policy] = []
        for name in self.settings["policy"] or ():
            more_rules, more_policies = read_documents(_documents(_file(self.part, name)), labels)
            rules += more_rules
            policies += more_policies
        drawn = list(self.settings.named("jwt").values())
        rules += jwt_rules([self._with_issuer(rule) for rule in drawn], "jwt")
        policies += [policy(name, spec) for name, spec in self.settings.named("policies").items()]
        if not rules and not policies:
            raise BadResource("there is neither a rule nor a policy, so everything would pass")
        return rules, policies

    def _with_issuer(self, rule: Mapping[str, Any]) -> Mapping[str, Any]:
        if "issuer" in rule or "trusts" not in rule:
            return rule
        return {**rule, "issuer": issuer_of(self.part, rule["trusts"])}

    def _authorizer(self, provider: str) -> str:
        drawn = {name.strip('"'): value for name, value in self.settings.below("providers").items()}
        name: str = drawn.get(provider, provider)
        try:
            self.part.network.url(name)
        except KeyError:
            raise UnplayableScenario(_no_authorizer(self.id, provider)) from None
        return name

    def _only_api(self) -> str:
        found = [name for name, kind in self.part.peers.items() if kind == "resource-server"]
        if len(found) != 1:
            raise UnplayableScenario(_no_upstream(self.id))
        return found[0]

    def _keys(self, rule: JwtRule) -> Keys:
        if rule.jwks is not None:
            return keys_of(rule, None, None)
        owner = rule.trusts or self._owner(rule)
        if owner is None:
            raise UnplayableScenario(_no_owner(self.id, rule))
        lifetime = self.settings["jwks_lifetime"]
        if self.settings["jwks"] == "pushed":
            return PushedKeys(ConfiguredKeys(self.part, owner), 1200 if lifetime is None else lifetime)
        url = rule.jwks_uri or f"{self.part.network.url(owner)}/jwks"
        absolute = f"{self.part.network.url(owner)}{url}" if url.startswith("/") else url
        return FetchedKeys(self.part, owner, absolute, 600 if lifetime is None else lifetime, 60)

    def _owner(self, rule: JwtRule) -> str | None:
        network = self.part.network
        issuing = [name for name in self.part.peers if network.setting(name, "issuer") == rule.issuer]
        by_address = network.participant(rule.jwks_uri) if rule.jwks_uri and "://" in rule.jwks_uri else None
        return by_address or (issuing[0] if issuing else network.participant(rule.issuer))

    # HTTP

    def handle(self, request: Request) -> Response:
        """The upstream's answer, or the refusal."""
        parts = urlsplit(request.url)
        path = normalized(parts.path or "/", self.settings["path_normalization"])
        if "gw_path_normalization" in self.allows:
            path = parts.path or "/"
        if path is None or "#" in request.url:
            return _plain(400, "Bad Request")
        try:
            # Envoy's `bypass_cors_preflight`: a preflight brings no credentials.
            identities = [] if _is_preflight(request) else self.tokens.identities(request)
        except BadToken as reason:
            return _refused(request, reason)
        host = request.headers.get("Host") or parts.netloc.rpartition("@")[2]
        view = View(request.method, host, path, _by_name(request.headers), identities[0] if identities else None)
        for provider in providers(self.policies, view):
            refusal = asked(self.part, self.authorizers[provider], request, path)
            if refusal is not None:
                return refusal
        if not is_allowed(self.policies, view):
            return _plain(403, REFUSED_BY_POLICY)
        return self._forward(request, path, parts.query, identities)

    def _forward(self, request: Request, path: str, query: str, identities: Sequence[Identity]) -> Response:
        leaks = "gw_original_token_leak" in self.allows
        hidden = [] if leaks else [one.place for one in identities if not one.rule.forwards_token]
        names = [place.name for place in hidden if place.kind == "param"]
        if names:
            pairs = parse_qsl(query, keep_blank_values=True)
            query = urlencode([pair for pair in pairs if pair[0] not in names])
        url = self.part.network.url(self.upstream) + path + (f"?{query}" if query else "")
        gone = {place.name.lower() for place in hidden if place.kind == "header"}
        nominated = _nominated(request.headers)
        headers = self._passed_on(request.headers, {*gone, *nominated})
        can_drop = "gw_hop_by_hop" in self.allows
        headers += [pair for pair in self._added(identities) if not can_drop or pair[0].lower() not in nominated]
        try:
            answer = self.part.network.call(
                self.id, self.upstream, Request(request.method, url, Headers(headers), request.body)
            )
        except OSError:
            return _plain(503, "upstream connect error or disconnect/reset before headers")
        if not isinstance(answer, Response):
            return _plain(503, "no healthy upstream")
        return answer

    def _passed_on(self, headers: Headers, gone: Iterable[str]) -> list[tuple[str, str]]:
        """What came, without what is this hop's, what only a gateway may say, and the tokens that end here."""
        dropped = {*HOP_BY_HOP, *gone}
        if "gw_identity_header_spoof" not in self.allows:
            dropped |= {*FORGED, *self._own_headers}
        # `x_sub` and `x-sub` are one header to many an upstream (CGI has only one spelling).
        alias = "_" if "gw_header_alias" in self.allows else "-"
        return [(name, value) for name, value in headers if name.strip().lower().replace("_", alias) not in dropped]

    def _added(self, identities: Sequence[Identity]) -> list[tuple[str, str]]:
        added: dict[str, str] = {}
        for one in identities:
            if one.rule.payload_header:
                payload = base64url.decode(one.token.signing_input.partition(".")[2])
                added.setdefault(one.rule.payload_header, base64url.encode(payload))
            for header, claim in one.rule.claim_headers:
                value = _header_text(claim_at(one.claims, claim.split(".")), "gw_claim_header_injection" in self.allows)
                if value is not None:
                    added.setdefault(header, value)
        return list(added.items())


def normalized(path: str, mode: str) -> str | None:
    """The path as policies and the upstream see it; None for one that is refused (RFC 3986 section 6.2.2)."""
    if re.search(r"%(?![0-9A-Fa-f]{2})|%00|[\x00-\x20\x7f]", path):
        return None
    path = path.replace("\\", "/")
    if mode == "DECODE_AND_MERGE_SLASHES":
        path = re.sub(r"%2f|%5c", "/", path, flags=re.IGNORECASE)
    # RFC 3986 section 6.2.2.2: an escaped unreserved character is that character.
    path = re.sub(r"%[0-9A-Fa-f]{2}", lambda found: _unreserved(found[0]), path)
    if mode != "BASE":
        path = re.sub(r"/{2,}", "/", path)
    kept: list[str] = []
    for segment in path.split("/")[1:]:
        if segment == "..":
            if kept:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    ends_in_dots = path.rpartition("/")[2] in (".", "..")
    return "/" + "/".join(kept) + ("/" if ends_in_dots and kept else "")


def _unreserved(escaped: str) -> str:
    character = chr(int(escaped[1:], 16))
    return character if re.fullmatch(r"[A-Za-z0-9._~-]", character) else escaped.upper()


def _nominated(headers: Headers) -> set[str]:
    return {word.strip().lower() for value in headers.get_all("Connection") for word in value.split(",")}


def _header_text(value: Any, is_raw: bool) -> str | None:
    """A claim as a header: texts, numbers and booleans only, and nothing that would end the line (RFC 9110 5.5)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        return None
    written = str(value)
    return written if is_raw or (written.isprintable() and written.isascii()) else quote(written, safe="")


def _by_name(headers: Headers) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name.lower(), []).append(value)
    return found


def _is_preflight(request: Request) -> bool:
    asks = request.headers.get("Origin"), request.headers.get("Access-Control-Request-Method")
    return request.method == "OPTIONS" and all(asks)


def _refused(request: Request, reason: BadToken) -> Response:
    realm = request.url.partition("?")[0].partition("#")[0]
    challenge = Challenge("Bearer", {"realm": realm, "error": "invalid_token"})
    return _plain(reason.status, str(reason), ("WWW-Authenticate", str(challenge)))


def _plain(status: int, body: str, *more: tuple[str, str]) -> Response:
    return Response(status, Headers((("Content-Type", "text/plain"), *more)), body.encode())


def _file(part: Part, name: str) -> str:
    """The text of a file beside the diagram or below the current folder. Raises BadResource."""
    try:
        return text_of(part, name)
    except NoFile as problem:
        raise BadResource(str(problem)) from None


def _documents(source: str) -> list[Any]:
    try:
        import yaml
    except ImportError:
        raise BadResource("`policy` needs PyYAML: pip install 'seqtest[gateway]'") from None
    try:
        return list(yaml.safe_load_all(source))
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise BadResource(f"this is no YAML{place}") from None


def _bad_resource(participant: str, problem: str) -> Finding:
    return Finding(
        "SQ390",
        f"the policy of `{participant}` cannot be applied",
        got=problem,
        why="a rule that nobody applies would look like one that holds",
        do="write it with the fields of security.istio.io/v1 that are listed, or take it out",
    )


def _no_upstream(participant: str) -> Finding:
    return Finding(
        "SQ391",
        f"`{participant}` does not know whom to send requests on to",
        expected=f"`upstream = …` over {participant}",
        why="there is not exactly one `<<resource-server>>` in the diagram that could be meant",
        do=f"draw `note over {participant} : upstream = …`",
    )


def _no_authorizer(participant: str, provider: str) -> Finding:
    return Finding(
        "SQ396",
        f"a CUSTOM policy of `{participant}` asks `{provider}`, and no participant is called so",
        expected="the name of a participant",
        got=provider,
        why="the requests that the policy is about would be decided by nobody",
        do=f"draw `providers.{provider} = …` over `{participant}`",
    )


def _no_owner(participant: str, rule: JwtRule) -> Finding:
    return Finding(
        "SQ392",
        f"`{participant}` takes tokens of `{rule.issuer}`, and nobody in the diagram has its keys",
        expected="a participant with that `issuer` or address, or `jwks`",
        got=rule.jwks_uri or rule.issuer,
        why="every token would be refused, whatever it is",
        do="draw `issuer = …` over the participant that issues them, or name it by `jwt.….trusts`",
    )
