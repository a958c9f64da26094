"""Full-text and vector search of a compiled project, over HTTP."""

from __future__ import annotations

import pytest

from tests.support.backends import Server


def post(server: Server, channel: str, *bodies: str) -> list[str]:
    return [server.call("mutation", "messages:post", body=b, channel=channel) for b in bodies]


def best(server: Server, channel: str, text: str) -> list[str]:
    found = server.call("query", "messages:best", channel=channel, text=text)
    return [message["body"] for message in found]


def test_the_guidelines_search(server: Server) -> None:
    """10 messages in channel #general that best match "hello hi" in their body."""
    post(server, "#general", *(f"Hello number {n}" for n in range(12)), "hi, hello!", "goodbye")
    post(server, "#random", "hello hi")

    found = best(server, "#general", "hello hi")

    assert found[0] == "hi, hello!"
    assert found[1:] == [f"Hello number {n}" for n in range(11, 2, -1)]


def test_edits_and_deletions_show_at_once(server: Server) -> None:
    first, second = post(server, "edits", "draft one", "draft two")
    assert best(server, "edits", "draft") == ["draft two", "draft one"]
    server.call("mutation", "messages:edit", id=first, body="final one")
    server.call("mutation", "messages:remove", id=second)
    assert best(server, "edits", "draft") == []
    assert best(server, "edits", "fin") == ["final one"]


def test_nested_absent_null_and_int64_filters(server: Server) -> None:
    for body, fields in {
        "zebra a": {},
        "zebra b": {"team": None},
        "zebra c": {"team": "red"},
        "zebra d": {"team": "red", "priority": {"$integer": "BwAAAAAAAAA="}},
    }.items():
        server.call("mutation", "messages:post", body=body, channel="filters", **fields)
    zero, seven = {"$integer": "AAAAAAAAAAA="}, {"$integer": "BwAAAAAAAAA="}

    def of_team(team: str | None, priority: dict[str, str]) -> object:
        return server.call("query", "messages:of_team", text="zebra", team=team, priority=priority)

    assert of_team("red", zero) == ["zebra c"]
    assert of_team("red", seven) == ["zebra d"]
    assert of_team(None, zero) == ["zebra b"]
    assert server.call("query", "messages:without_team", text="zebra") == ["zebra a"]


def test_a_nested_search_field(server: Server) -> None:
    server.call("mutation", "messages:post", body="by her", channel="names", author="Zoë Quist")
    assert server.call("query", "messages:by_author", name="ZOË") == "by her"
    assert server.call("query", "messages:by_author", name="qui") == "by her"
    assert server.call("query", "messages:by_author", name="zoe") is None


def test_pages(server: Server) -> None:
    post(server, "pages", *(f"quokka {n}" for n in range(5)))
    options = {"numItems": 2, "cursor": None}
    seen = []
    while True:
        page = server.call("query", "messages:pages", text="quokka", paginationOpts=options)
        seen += [message["body"] for message in page["page"]]
        if page["isDone"]:
            break
        options["cursor"] = page["continueCursor"]
    assert seen == [f"quokka {n}" for n in range(4, -1, -1)]


def test_a_mutation_finds_what_it_wrote_unless_it_fails(server: Server) -> None:
    arguments = {"body": "own words", "channel": "own", "text": "own"}
    refused = server.client.post(
        "/api/mutation",
        json={"path": "messages:post_and_search", "args": {**arguments, "refuse": True}},
    ).json()
    assert refused["errorData"] == ["own words"]
    assert best(server, "own", "own") == []
    kept = server.call("mutation", "messages:post_and_search", **arguments, refuse=False)
    assert kept == ["own words"]


def test_vectors_by_cosine_best_first(server: Server) -> None:
    vectors = {
        "same": [0, 2, 0, 0],
        "near": [0, 1, 1, 0],
        "across": [1, 0, 0, 0],
        "opposite": [0, -1, 0, 0],
    }
    ids = {
        server.call("mutation", "articles:add", title=t, category="cosine", embedding=v): t
        for t, v in vectors.items()
    }
    server.call("mutation", "articles:add", title="none", category="cosine")
    server.call("mutation", "articles:add", title="short", category="cosine", embedding=[0, 1])
    server.call("mutation", "articles:add", title="zero", category="cosine", embedding=[0] * 4)

    found = server.call("action", "articles:nearest", vector=[0, 5, 0, 0])
    assert [ids[hit["_id"]] for hit in found] == ["same", "near", "across", "opposite"]
    assert [hit["_score"] for hit in found] == pytest.approx([1, 0.5**0.5, 0, -1], abs=1e-6)

    server.call("mutation", "articles:remove", id=found[0]["_id"])
    found = server.call("action", "articles:nearest", vector=[0, 5, 0, 0])
    assert ids[found[0]["_id"]] == "near"


def test_nearer_vectors_of_another_category_do_not_crowd_out(server: Server) -> None:
    server.call(
        "mutation", "articles:add_many", category="crowd", count=260, embedding=[0, 0, 0, 1]
    )
    for n in range(3):
        server.call(
            "mutation", "articles:add", title=f"wanted {n}", category="rare", embedding=[1, 0, n, 1]
        )

    def titles(categories: list[str], limit: int) -> list[str]:
        found: list[str] = server.call(
            "action",
            "articles:nearest_titles",
            vector=[0, 0, 0, 1],
            categories=categories,
            years=[],
            limit=limit,
        )
        return found

    assert titles(["rare"], 10) == ["wanted 0", "wanted 1", "wanted 2"]
    assert titles(["rare", "absent"], 2) == ["wanted 0", "wanted 1"]
    assert len(titles(["rare", "crowd"], 256)) == 256


@pytest.mark.parametrize("marks", ["\u0301\u0316", "\u034f", "\U000101fd\U0001d165\u0301"])
def test_texts_of_nothing_but_marks_take_no_time(server: Server, marks: str) -> None:
    """Sorting and skipping them one by one would take hours."""
    many = marks * (400_000 // len(marks.encode()))
    assert best(server, "marks", many) == []
    (document,) = post(server, "marks", f"{many} {marks}word a{many}b cafe\u0301")
    assert [m["_id"] for m in server.call("query", "messages:best", channel="marks", text="word")]
    assert best(server, "marks", "caf\u00e9") != []
    assert best(server, "marks", f"cafe\u0301 {marks} absent") != []
    server.call("mutation", "messages:remove", id=document)


def test_operators_quotes_and_nul_are_only_text(server: Server) -> None:
    post(server, "syntax", "plain words")
    for text in ('"', "'", "NEAR(plain words)", "words:", "plain*", "^plain", "plain AND nothing"):
        assert isinstance(best(server, "syntax", text), list)
    for text in ('filters : "0x"', '" OR words : "', "-", "\0", "plain\0", "*", "(", "{words}:"):
        assert isinstance(best(server, "syntax", text), list)
    assert best(server, "syntax", 'nothing" OR "absent') == []
