"""seqtest new: a first flow that passes."""

import sys
from pathlib import Path

import click

from seqtest.cli import exits

FIRST_FLOW = """\
@startuml {id}
title {title}
participant "Web client" as client
participant "Auth server" as auth <<authorization-server>>

note over auth
  issuer = https://auth.example
  users.alice.password = wonderland
  users.alice.sub = "123"
  access_token.format = jwt
  access_token.alg = ES256
  access_token.aud = https://users.example
  access_token.lifetime = 5 minutes
end note

== Log in ==
alt password is right
  client -> auth ++ : POST /oauth/token
  note right
    grant_type = password
    client_id = web
    username = alice
    password = wonderland
  end note
  auth --> client -- : 200 OK
  note left
    Cache-Control: no-store
    token_type = Bearer
    expires_in = 300
    access_token : jwt
      iss = https://auth.example
      aud = https://users.example
      sub = 123
      exp = iat + 5 minutes
  end note
else password is wrong
  client -> auth ++ : POST /oauth/token
  note right
    grant_type = password
    client_id = web
    username = alice
    password = jabberwocky
  end note
  auth --> client -- : 400 Bad Request
  note left
    error = invalid_grant
    access_token absent
  end note
end
@enduml
"""


@click.command()
@click.argument("name")
def new(name: str) -> None:
    """Write a first flow that passes, to start from: `seqtest new login` writes diagrams/login.puml.

    NAME is a name, with folders below `diagrams` before it if wanted (`users/login`), or a path that ends in .puml. A
    file that exists is never overwritten.
    """
    from seqtest.scenario.names import slug

    words = Path(name).stem if name.endswith(".puml") else Path(name).name
    id = slug(words)
    if not id:
        raise click.BadParameter("a name needs a letter or a digit", param_hint="NAME")
    if Path(name).is_absolute() and not name.endswith(".puml"):
        raise click.BadParameter("a path ends in .puml", param_hint="NAME")
    if ".." in Path(name).parts and not name.endswith(".puml"):
        raise click.BadParameter("a name stays below `diagrams`; a path ends in .puml", param_hint="NAME")
    below = Path(*Path(name).parent.parts[Path(name).parts[0] == "diagrams" :])
    path = Path(name) if name.endswith(".puml") else Path("diagrams", below, f"{id}.puml")
    try:
        if path.exists():
            click.echo(f"{path} is there already and was left as it is", err=True)
            sys.exit(exits.USAGE)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(FIRST_FLOW.format(id=id, title=" ".join(words.replace("-", " ").split())))
    except OSError as error:
        click.echo(f"{path} cannot be written: {error.strerror}", err=True)
        sys.exit(exits.USAGE)
    click.echo(f"wrote {path}; run it: pytest {path}")
