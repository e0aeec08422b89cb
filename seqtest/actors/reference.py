"""The reference page of the built-in actors, printed from their tables."""

from seqtest.actors import stores
from seqtest.actors.actor import Actor
from seqtest.actors.authorization_server import METHODS, AuthorizationServer
from seqtest.actors.authorization_settings import ENDPOINTS
from seqtest.actors.client import Client
from seqtest.actors.gateway import Gateway
from seqtest.actors.resource_server import ResourceServer
from seqtest.actors.token_store import TokenStore
from seqtest.actors.unswitched import NOTHING_TO_SWITCH, SAME

INTRODUCTIONS: tuple[tuple[str, type[Actor], str], ...] = (
    (
        "authorization-server",
        AuthorizationServer,
        "With no `clients.*` any `client_id`, or none, is a public client, and any secret is wrong. With no `users.*` "
        "and no `user_store` there is nobody to log in. Introspection always asks for client authentication.",
    ),
    (
        "resource-server",
        ResourceServer,
        "`GET /users/<sub>` gives the user whose token it is and is 403 for others; any other path gives `{}`.",
    ),
    (
        "gateway",
        Gateway,
        "A proxy before an API, with the semantics of Istio: a request without a token passes and is nobody, a bad "
        "token is 401 (a wrong audience 403), and an AuthorizationPolicy answers 403 `RBAC: access denied`. Headers "
        "that it writes itself are taken out of what comes from outside. A rule's settings have Istio's names. "
        "Policies count in Istio's order: CUSTOM asks another participant, with the request's method, path and "
        "`Authorization` (an arrow; 200 lets it go on, any other answer is the caller's); then DENY; then ALLOW.\n\n"
        "Left out, and refused by name where a resource says it: what TLS between workloads tells (`principals`, "
        "`namespaces`, `serviceAccounts`), addresses (`ipBlocks`, `remoteIpBlocks`, `ports`, `source.ip`, "
        "`connection.sni`), templates in paths, `targetRefs`, and resources of other kinds than "
        "RequestAuthentication and AuthorizationPolicy that decide who gets in. `timeout` of a rule is read and means "
        "nothing here. A selector counts where `labels` is set; namespaces do not count.",
    ),
    (
        "token-store",
        TokenStore,
        str(stores.__doc__).replace("Look-ups in other", "SQLite. It answers look-ups in other", 1),
    ),
    (
        "client",
        Client,
        "A client, and a relying party of OpenID Connect. Actions are for one user at a time. A browser logs in at "
        "`/login` (`?next=/page` says where to go on): by code with PKCE, `state` and `nonce`, back at `/cb`. "
        "`/me` shows the claims of whoever is logged in, `/api/things/1` asks the API for `/things/1` in his name; "
        "others are sent to `/login`. `/logout` ends the session here and at the provider, which comes back to "
        "`/logged-out`; `/backchannel-logout` and `/frontchannel-logout` are for the provider. "
        "What is refused is a page with 400.",
    ),
)


def page() -> str:
    """The page as Markdown."""
    parts = [
        "# Built-in actors",
        "This page is printed from the tables in `seqtest/actors`; a test compares them.",
    ]
    for kind, actor, introduction in INTRODUCTIONS:
        parts += [f"## `<<{kind}>>`", introduction.strip(), _settings(actor), _steps(actor)]
        if actor is AuthorizationServer:
            parts.append(_endpoints())
    parts += ["## Attacks without a switch", _same(), _nothing_to_switch()]
    return "\n\n".join(part for part in parts if part) + "\n"


def _settings(actor: type[Actor]) -> str:
    rows = [f"| `{path}` | {_cell(text)} |" for path, text in actor.settings_table.items()]
    return "\n".join(["| setting | meaning |", "| --- | --- |", *rows])


def _steps(actor: type[Actor]) -> str:
    rows = [f"| `{pattern}` | {_cell((method.__doc__ or '').strip())} |" for pattern, method in actor.steps()]
    return "\n".join(["| action | what happens |", "| --- | --- |", *rows])


def _endpoints() -> str:
    rows = [
        f"| {name} | {', '.join(sorted(METHODS[name]))} | {', '.join(f'`{path}`' for path in paths)} |"
        for name, paths in ENDPOINTS.items()
    ]
    return "\n".join(["| endpoint | methods | paths |", "| --- | --- | --- |", *rows])


def _same() -> str:
    rows = [
        f"| `{attack}` | {', '.join(f'`allow.{name}`' for name in switches)} |" for attack, switches in SAME.items()
    ]
    text = (
        "Each switch `allow.*` has the name of the attack that it lets in. These attacks are let in by the switches of "
        "others. Where several are named, all of them together. An actor answers one request after another, so the "
        "second one of a race is a replay."
    )
    return "\n".join([text, "", "| attack | switches |", "| --- | --- |", *rows])


def _nothing_to_switch() -> str:
    rows = [f"| {', '.join(f'`{name}`' for name in names)} | {_cell(why)} |" for why, names in NOTHING_TO_SWITCH]
    text = "For these there is nothing to switch off:"
    return "\n".join([text, "", "| attacks | why |", "| --- | --- |", *rows])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
