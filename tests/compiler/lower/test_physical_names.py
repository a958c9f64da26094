from convexity.values.storage_names import LONGEST_NAME, view_name
from convexity_compiler.lower.physical_names import document_table, index_table
from hypothesis import given, settings
from hypothesis import strategies as st

IDENTIFIERS = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,63}", fullmatch=True)


def test_names() -> None:
    assert document_table("messages") == "doc_messages"
    assert document_table("userIds") == "doc_user^ids"
    assert index_table("userIds", "by_A") == "idx_user^ids.by_^a"
    assert view_name("Users") == "^users"


def test_long_names_are_cut_with_a_digest() -> None:
    name = index_table("t" * 40, "by_" + "x" * 40)
    assert len(name) == LONGEST_NAME
    assert name != index_table("t" * 40, "by_" + "x" * 41)
    assert name.startswith("idx_tttt")


@given(st.lists(st.tuples(IDENTIFIERS, IDENTIFIERS), unique=True, max_size=20))
@settings(deadline=None)
def test_different_indexes_differ_without_regard_to_case(pairs: list[tuple[str, str]]) -> None:
    names = [index_table(table, index) for table, index in pairs]
    assert len({name.casefold() for name in names}) == len(pairs)
    assert all(len(name.encode()) <= LONGEST_NAME for name in names)


@given(IDENTIFIERS, IDENTIFIERS)
@settings(deadline=None)
def test_kinds_of_tables_do_not_meet(table: str, index: str) -> None:
    assert document_table(table) != index_table(table, index)
