"""What an application says of its secrets when it fails is masked in all that pytest prints and writes."""

import pytest

WORD = "canary-Passw0rd-123"
PEM_LINE = "MIGHcanaryAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

FLOW = """\
@startuml {name}
participant c
participant w
c -> w : {words}
w --> c : ok
@enduml
"""

CONFTEST = f"""
import seqtest

PEM = "-----BEGIN PRIVATE KEY-----\\n{PEM_LINE}\\n-----END PRIVATE KEY-----"

class W(seqtest.Actor):
    @seqtest.on("refuse {{word}}")
    def refuse(self, word: str):
        raise ValueError(f"of a text that is long enough to be cut in the middle of it, the word {{word}} is wrong")

    @seqtest.on("show a key")
    def show(self):
        raise ValueError("a bad key:\\n" + PEM)

@seqtest.plays("w")
def w():
    return W

@seqtest.plays("broken")
def broken():
    raise RuntimeError("no connection with {WORD}")
"""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("raised", "refuse {pw}"),
        ("key", "show a key"),
        ("nobody", "unheard of {pw}"),
        ("made", "refuse {pw}\nparticipant broken\nc -> broken : GET /\nbroken --> c : 200"),
    ],
)
@pytest.mark.parametrize("more", [(), ("--tb=line",), ("--tb=short", "--color=yes")])
def test_no_word_of_it_is_whole(bare: pytest.Pytester, name: str, words: str, more: tuple[str, ...]) -> None:
    """Neither on the terminal, its summary included, nor in any file: values from outside, keys over several lines."""
    bare.makeconftest(CONFTEST)
    (bare.path / "flow.puml").write_text(FLOW.format(name=name, words=words))
    result = bare.runpytest(
        *("--seqtest-var", f"pw={WORD}", "--junitxml", "out/junit.xml", "--seqtest-save", "out/run.json"),
        *("--seqtest-report", "out/report", "--seqtest-github", "on", *more),
    )
    written = [path.read_text(errors="replace") for path in (bare.path / "out").rglob("*") if path.is_file()]

    assert result.ret == 1
    assert len(written) > 3
    for text in (result.stdout.str(), *written):
        assert WORD not in text
        assert PEM_LINE[:24] not in text
