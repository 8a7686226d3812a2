"""`Asked`: each id once, in the order given, and a line for what is odd."""

from aleph_nb.asked import Asked, listed


def test_each_id_once_in_the_order_given() -> None:
    asked = Asked()
    for task_id in ("c", "a", "b", "a"):
        asked.add(task_id)
    assert asked.ids == ["c", "a", "b"]
    assert asked.labels == {"c": {}, "a": {}, "b": {}}


def test_labels_of_an_id_given_twice_are_joined() -> None:
    asked = Asked()
    asked.add("a", {"shot": "1", "client": "x"})
    asked.add("a")
    asked.add("a", {"shot": "2"})
    assert asked.labels == {"a": {"shot": "2", "client": "x"}}


def test_nothing_odd_nothing_told() -> None:
    asked = Asked()
    asked.add("ee603959-debb-48d1-98c4-a6d1c717eba6")
    asked.add("12345e10")
    asked.add("1e5")
    assert asked.notes == []
    assert Asked().notes == []


def test_duplicates_are_told_in_a_line() -> None:
    asked = Asked()
    for task_id in ("b", "a", "b", "b", "a", "c"):
        asked.add(task_id)
    assert asked.notes == ["Given more than once, asked for once: a, b."]


def test_blanks_are_told_in_a_line() -> None:
    asked = Asked()
    asked.add(None)
    assert asked.notes == ["1 row has no id."]
    asked.add("")
    assert asked.notes == ["2 rows have no id."]
    assert asked.ids == []


def test_a_spreadsheets_numbers_are_told_in_a_line() -> None:
    for number in ("1.2E+31", "1,2E+31", "1.23456789e+31", "9E+31"):
        asked = Asked()
        asked.add(number)
        (note,) = asked.notes
        assert note.startswith(f"{number} looks like an id that a spreadsheet turned into a number. ")
        assert "as text" in note
        assert asked.ids == [number]


def test_a_readers_notes_come_first_and_each_is_one_line() -> None:
    asked = Asked()
    for task_id in ("1.2E+31", "a", "a", None):
        asked.add(task_id)
    asked.tell("The file is odd.")
    assert len(asked.notes) == 4
    assert asked.notes[0] == "The file is odd."
    assert not any("\n" in note for note in asked.notes)


def test_two_asked_share_nothing() -> None:
    one, two = Asked(), Asked()
    one.add("a")
    one.tell("x")
    assert (two.ids, two.notes) == ([], [])


def test_a_long_list_is_cut() -> None:
    assert listed([]) == ""
    assert listed(["a", "b"]) == "a, b"
    assert listed([str(number) for number in range(8)]) == "0, 1, 2, 3, 4, 5, 6, 7"
    assert listed([str(number) for number in range(11)]) == "0, 1, 2, 3, 4, 5, 6, 7 and 3 more"


def test_one_id_with_two_names_is_told() -> None:
    asked = Asked()
    asked.add("a", {"shot": "SH010"})
    asked.add("a", {"shot": "SH050", "client": "ACME"})
    asked.add("b", {"shot": "SH020"})
    asked.add("b", {"shot": "SH020"})
    assert "Named in more than one way, the last one counts: a." in asked.notes
