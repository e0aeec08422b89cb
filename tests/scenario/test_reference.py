"""`ref over`: another flow's steps, inlined."""

import pytest

from seqtest.diagram.read import read
from seqtest.scenario import Script
from seqtest.scenario.expand import expand
from seqtest.scenario.knowledge import check

LOGIN = """
participant client
participant auth
alt ok
  client -> auth : POST /token
  auth --> client : 200
else wrong password
  client -> auth : POST /token
  auth --> client : 400
end
"""
PLAIN = "client -> auth : GET /x\nauth --> client : 200"
ASKING = "client -> auth : GET /x?u={username}\nauth --> client : 200 {access_token}"


def texts(scenario):
    return [step.text for step in scenario.steps]


def codes(findings):
    return [finding.code for finding in findings]


def test_steps_of_the_other_flow_are_inlined(only) -> None:
    """The other flow's steps stand where it is used, with their own places."""
    scenario = only("a -> client : go\nref over client, auth : in.puml\nclient -> a : done", {"in.puml": PLAIN})

    assert texts(scenario) == ["go", "GET /x", "200", "done"]
    assert [step.after for step in scenario.steps] == [(), (0,), (1,), (2,)]
    assert str(scenario.steps[1].span) == "in.puml:2:1"


def test_participants_of_the_other_flow_join(only) -> None:
    """Who only the other flow has is a participant of this scenario too; who both have is there once."""
    scenario = only("participant client\nref over client : in.puml", {"in.puml": "participant client\n" + PLAIN})

    assert [participant.id for participant in scenario.participants] == ["client", "auth"]


def test_one_case_of_the_other_flow(only) -> None:
    """`in.puml[wrong password]` is that case alone."""
    assert texts(only("ref over client, auth : in.puml[wrong password]", {"in.puml": LOGIN})) == ["POST /token", "400"]


def test_case_is_found_by_its_id_too(only) -> None:
    """The id of a case does as well as its name."""
    assert texts(only("ref over client, auth : in.puml[wrong-password]", {"in.puml": LOGIN}))[1] == "400"


def test_named_case_goes_through_nested_flows(only) -> None:
    """A case of a flow that itself uses a branching flow is found again when it is inlined."""
    files = {"mid.puml": "ref over client, auth : in.puml\nclient -> auth : bye", "in.puml": LOGIN}

    assert texts(only("ref over client : mid.puml[wrong password]", files)) == ["POST /token", "400", "bye"]


def test_without_a_case_the_other_flow_branches_here(cases) -> None:
    """A flow with several cases makes as many of this one."""
    scenarios = cases("ref over client, auth : in.puml", {"in.puml": LOGIN})

    assert [one.id for one in scenarios] == ["ok", "wrong-password"]


def test_given_and_kept_values(only) -> None:
    """`name = value` is given to the steps inside, `name as other` is a step at the end."""
    scenario = only(
        "ref over client, auth\nin.puml\nusername = alice\naccess_token as T1\nend ref\nclient -> auth : x",
        {"in.puml": ASKING},
    )
    request, _, keep, after = scenario.steps

    assert request.given["username"].text == "alice"
    assert (keep.kind, keep.keeps) == ("keep", (("access_token", "T1"),))
    assert dict(after.given) == {}


def test_what_a_given_value_is_made_of_must_be_known(only) -> None:
    """Before anything runs, at the place where it is given; what comes from outside is known."""
    scenario = only("ref over client, auth\nin.puml\nusername = {user}@x.example\nend ref", {"in.puml": ASKING})
    script = Script(scenario, frozenset({"auth"}))

    assert [(one.code, str(one.span)) for one in check(script)] == [("SQ360", "flow.puml:4:13")]
    assert check(script, {"user": "alice"}.__getitem__) == []


def test_given_name_means_what_it_means_outside(only) -> None:
    """A value handed on through two flows is the outer one's, not an endless circle."""
    files = {
        "mid.puml": "ref over client, auth\nin.puml\nname = {name}\nmail = {name}@x.example\nend ref",
        "in.puml": "client -> auth : POST /x\nnote right : n = {name}, {mail}\nauth --> client : 200",
    }
    given = only("ref over client, auth\nmid.puml\nname = {user}\nend ref", files).steps[0].given

    assert [part.path for part in given["name"].parts] == [("user",)]
    assert [getattr(part, "path", part) for part in given["mail"].parts] == [("user",), "@x.example"]


@pytest.mark.parametrize(
    ("line", "column", "do"),
    [
        ("usernme = alice", "flow.puml:4:1", "did you mean `username`?"),
        ("acces_token as T1", "flow.puml:4:1", "did you mean `access_token`?"),
        ("mail = a@x.example", "flow.puml:4:1", "ask for it there as `{mail}`, or take the line out"),
    ],
)
def test_names_that_the_flow_does_not_have_are_refused(refused, line: str, column: str, do: str) -> None:
    """Given to nobody, or kept from nothing: a slip would leave the flow's own value in use."""
    (finding,) = refused(f"ref over client, auth\nin.puml\n{line}\nend ref\nclient -> auth : x", {"in.puml": ASKING})

    assert (finding.code, str(finding.span), finding.do) == ("SQ327", column, do)


@pytest.mark.parametrize(
    "inner",
    [
        "ref over client, auth\nmost-inner.puml\naccess_token as mine\nend ref",
        "alt other\nclient -> auth : bye\nelse that\nref over client, auth : most-inner.puml\nend",
        "note over auth : users.alice.sub = {username}\nclient -> auth : GET /x\nauth --> client : 200 {access_token}",
    ],
)
def test_names_of_nested_flows_and_other_operands_count(cases, inner: str) -> None:
    """What the flow asks for in another case, in its settings or through a flow of its own is asked for."""
    files = {"in.puml": inner, "most-inner.puml": ASKING}

    assert cases("ref over client, auth\nin.puml\nusername = alice\naccess_token as T1\nend ref", files)


def test_paths_are_relative_to_the_flow(only) -> None:
    """A flow names others from where it lies itself."""
    files = {"sub/mid.puml": "ref over client, auth : ../in.puml", "in.puml": PLAIN}

    assert texts(only("ref over client : sub/mid.puml", files)) == ["GET /x", "200"]


def test_settings_of_the_other_flow_count(only) -> None:
    """Settings that both draw alike, or one alone, are used."""
    files = {"in.puml": "note over auth\nn = 1\nm = 2\nend note\n" + PLAIN}
    scenario = only("note over auth : n = 1\nref over client, auth : in.puml", files)

    assert [promise.path for promise in scenario.settings["auth"]] == [("n",), ("m",)]


def test_settings_that_differ_are_refused(refused) -> None:
    """A setting that the other flow draws differently is an error at its place there."""
    files = {"in.puml": "note over auth : n = 2\n" + PLAIN}
    (finding,) = refused("note over auth : n = 1\nref over client, auth : in.puml", files)

    assert (finding.code, str(finding.span), str(finding.also[0][0])) == ("SQ313", "in.puml:2:18", "flow.puml:2:18")


def test_break_ends_the_other_flow_only(cases) -> None:
    """A `break` ends the flow in which it is drawn; the one that uses it goes on."""
    files = {"in.puml": "break down\nclient -> auth : sorry\nend\nclient -> auth : work"}
    scenarios = cases("ref over client, auth : in.puml\nclient -> auth : after", files)

    assert [texts(one) for one in scenarios] == [["sorry", "after"], ["work", "after"]]


def test_other_flow_answers_its_own_requests(refused) -> None:
    """A request of the other flow must be answered in it."""
    findings = refused("ref over client, auth : in.puml\nauth --> client : 200", {"in.puml": "client -> auth : GET /x"})

    assert codes(findings) == ["SQ301", "SQ302"]


def test_words_are_refused(refused) -> None:
    """`ref over` in words names no flow to run."""
    assert codes(refused("ref over a, b : see the login flow")) == ["SQ308"]


def test_missing_file_is_refused(refused) -> None:
    """A file that is not there is named with its path."""
    (finding,) = refused("ref over a, b : gone.puml", {})

    assert (finding.code, str(finding.span)) == ("SQ309", "flow.puml:2:17")


@pytest.mark.parametrize("path", ["../gone.puml", "/etc/gone.puml", "sub/../../gone.puml"])
def test_file_outside_the_project_is_refused(refused, path) -> None:
    """A flow does not reach above the project's root, whether or not there is such a file."""
    assert codes(refused(f"ref over a, b : {path}", {})) == ["SQ310"]


def test_link_out_of_the_project_is_refused(cases, refused, tmp_path) -> None:
    """A symbolic link does not lead out either."""
    (tmp_path / "project").mkdir()
    (tmp_path / "outside.puml").write_text("a -> b : hi")
    (tmp_path / "project" / "in.puml").symlink_to(tmp_path / "outside.puml")
    findings = refused(f"ref over a, b : {tmp_path}/project/in.puml", {}, root=tmp_path / "project")

    assert codes(findings) == ["SQ310"]


@pytest.mark.parametrize("case", ["", "[ok]"])
def test_flow_that_uses_itself_is_refused(refused, case) -> None:
    """Going round in a circle is found, directly or through others, with a case named or not."""
    files = {"in.puml": f"ref over a, b : mid.puml{case}", "mid.puml": f"ref over a, b : in.puml{case}"}
    findings = refused("ref over a, b : in.puml" + case, files)

    assert codes(findings) == ["SQ311"]


def test_unknown_case_is_refused(refused) -> None:
    """A case that the flow does not have is named with those that it has."""
    (finding,) = refused("ref over a, b : in.puml[wrong passwort]", {"in.puml": LOGIN})

    assert finding.code == "SQ312"
    assert finding.do == "did you mean `wrong password`?"


def test_file_with_several_diagrams_needs_a_name(refused, only) -> None:
    """Which diagram of a file is meant must be said when there are several."""
    files = {"in.puml": f"@startuml one\n{PLAIN}\n@enduml\n@startuml two\na -> b : hi\n@enduml"}

    assert codes(refused("ref over a, b : in.puml", files)) == ["SQ312"]
    assert texts(only("ref over a, b : in.puml::two", files)) == ["hi"]


@pytest.mark.parametrize("line", ["name > 3", "a.b = c", "name absent", "name : jwt"])
def test_line_that_is_neither_given_nor_kept_is_refused(refused, line) -> None:
    """A line of a `ref` is `name = value` or `name as other`."""
    assert codes(refused(f"ref over a, b\nin.puml\n{line}\nend ref", {"in.puml": PLAIN})) == ["SQ314"]


def test_unreadable_flow_shows_its_own_place(refused) -> None:
    """What is wrong in the other flow is shown there."""
    (finding,) = refused("ref over a, b : in.puml", {"in.puml": "a -> b : GET /x\nb --> a : 404 OK"})

    assert str(finding.span).startswith("in.puml:3:")


def test_file_without_a_diagram_is_refused(refused) -> None:
    """A file in which nothing is drawn is no flow."""
    assert codes(refused("ref over a, b : in.puml", {"in.puml": "@startuml\n@enduml"})) in (["SQ309"], ["SQ111"])


def test_files_are_read_from_disk(tmp_path) -> None:
    """Without a reader of one's own, flows are files beside the diagram."""
    (tmp_path / "in.puml").write_text("@startuml\n" + PLAIN + "\n@enduml\n")
    (tmp_path / "out.puml").write_text("@startuml\nref over client, auth : in.puml\n@enduml\n")
    (scenario,) = expand(read(tmp_path / "out.puml")[0], root=tmp_path)

    assert texts(scenario) == ["GET /x", "200"]


def test_line_that_cannot_be_read_is_refused(refused) -> None:
    """Lines of a `ref` are read as strictly as note lines."""
    (finding,) = refused("ref over a, b\nin.puml\nname = {x\nend ref", {"in.puml": PLAIN})

    assert finding.span.line == 4
