"""The faces of records: what they say, and how the media stand in them."""

import re
from datetime import timedelta

import pytest

from aleph_nb.cards import Bar, Card, Face, Facts, Panel, first_cards
from aleph_nb.record import Record, State
from tests.faces import DAY, FACES, HOST, ID, NOW, Reading, card, completed, declarations, faces, record

# What a face says.


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("succeeded", ["Succeeded", "took 5 min 45 s", "3 days ago", "result lives 11 more days"]),
        ("dies soon", ["Succeeded", "The service deletes this result in 1 day 20 h", "save it"]),
        ("expired", ["Expired", "The service deleted this result on 20 Nov", "Create the task again"]),
        ("in_progress", ["Running", "2 min 10 s so far", "%aleph_watch"]),
        (
            "failed",
            [
                "Failed",
                "422: the request's parameters were refused",
                "flagged by moderation",
                "Change the prompt",
            ],
        ),
        ("unknown", ["Unknown", "success without a video", "Run the cell again"]),
        ("not_found", ["Not found", "knows no such task", "Check the id", "half a minute", "two months"]),
        ("no_answer", ["No answer", "the connection was refused", "run the cell again"]),
    ],
)
def test_each_state_says_what_it_is_and_what_to_do(name: str, said: list[str]) -> None:
    shown = card(name)
    for face in (Reading(shown.html).text, shown.text):
        assert [words for words in (*said, ID) if words not in face] == []


def test_no_two_states_look_alike() -> None:
    assert len({card(name).html for name in FACES}) == len(FACES)
    assert len({card(name).text for name in FACES}) == len(FACES)


def test_an_expired_result_brings_no_dead_player() -> None:
    shown = card("expired")
    assert Reading(shown.html).values("src") == [f"{HOST}/source.mp4"]
    assert Reading(shown.html).values("href") == [f"{HOST}/source.mp4"]
    assert "result.mp4" not in shown.text


def test_a_result_lives_until_its_fourteenth_day_is_over() -> None:
    last = Card(completed(14 * DAY - timedelta(seconds=1)), now=NOW)
    gone = Card(completed(14 * DAY), now=NOW)
    assert "deletes this result in 1 s" in last.text
    assert "Expired" in gone.text


@pytest.mark.parametrize(("age", "hurry"), [(11 * DAY, False), (11 * DAY + timedelta(seconds=1), True)])
def test_under_three_days_the_end_is_told_as_a_warning(age: timedelta, *, hurry: bool) -> None:
    shown = Card(completed(age), now=NOW)
    assert ("The service deletes this result" in shown.text) is hurry
    assert ("--jp-warn-color1" in shown.html) is hurry


@pytest.mark.parametrize("name", ["succeeded", "in_progress", "failed"])
def test_a_prompt_that_is_missing_is_told(name: str) -> None:
    made = FACES[name]()
    for prompt in (None, "", " \n "):
        shown = Card(record(made.state, prompt=prompt), now=NOW)
        assert "No prompt in the answer" in shown.text
        assert "No prompt in the answer" in shown.html
    assert "No prompt" not in card("no_answer").html


def test_the_text_of_a_success_is_four_lines() -> None:
    assert card("succeeded", labels={"shot": "SH0140"}).text.splitlines() == [
        f"{ID}  Succeeded · took 5 min 45 s · 3 days ago · result lives 11 more days · shot SH0140",
        "A golden hour sunset",
        f"result  {HOST}/result.mp4",
        f"source  {HOST}/source.mp4",
    ]


def test_a_long_prompt_folds_and_is_there_once() -> None:
    prompt = " ".join(f"word{n}" for n in range(120))
    read = Reading(Card(record(prompt=prompt), now=NOW).html)
    assert {"details", "summary"} <= {tag for tag, _ in read.elements}
    assert "".join(read.text.replace("…", "").split()).count("".join(prompt.split())) == 1
    assert [read.text.count(word) for word in ("word0", "word119")] == [1, 1]
    assert "details" not in {tag for tag, _ in Reading(card("succeeded").html).elements}


def test_labels_stand_in_both_faces() -> None:
    shown = card("failed", labels={"shot": "SH0140", "empty": ""})
    for face in (Reading(shown.html).text, shown.text):
        assert "shot SH0140" in face
        assert "empty" not in face


def test_exact_times_are_in_a_tooltip() -> None:
    titles = " ".join(Reading(card("succeeded").html).values("title"))
    assert "created 2026-11-20 15:54:15 UTC, completed 2026-11-20 16:00:00 UTC" in titles
    assert "until 2026-12-04 16:00:00 UTC" in titles


def test_a_failure_without_words_is_told_by_its_reason() -> None:
    shown = Card(record(State.failed, reason="generation failed", error_code=0), now=NOW)
    assert "Generation failed. Create the task again" in shown.text


# The media.


def test_the_players_can_be_used_and_load_no_more_than_they_must() -> None:
    players = [a for t, a in Reading(card("succeeded").html).elements if t == "video"]
    assert [a["src"] for a in players] == [f"{HOST}/source.mp4", f"{HOST}/result.mp4"]
    for player in players:
        assert {"controls", "muted"} <= set(player)
        assert player["preload"] == "metadata"


def test_the_thumbnail_lies_below_its_player_and_remains_where_that_is_dropped() -> None:
    kinds = [t for t, _ in Reading(card("succeeded").html).elements if t in ("img", "video")]
    assert kinds == ["video", "img", "video"]
    left = re.sub(r"<video.*?</video>", "", card("succeeded").html)
    assert Reading(left).values("src", "img") == [f"{HOST}/result.jpg"]
    assert Reading(left).values("alt", "img") == ["The thumbnail of the result"]


def test_media_can_travel_inside_the_card_and_the_link_stays() -> None:
    held = {
        f"{HOST}/result.mp4": "data:video/mp4;base64,AAAA",
        f"{HOST}/result.jpg": "data:image/jpeg;base64,BBBB",
    }
    read = Reading(card("succeeded", media=held.get).html)
    assert read.values("src", "video") == [f"{HOST}/source.mp4", "data:video/mp4;base64,AAAA"]
    assert read.values("src", "img") == ["data:image/jpeg;base64,BBBB"]
    assert read.values("href") == [f"{HOST}/result.mp4"]


@pytest.mark.parametrize(
    "handed",
    [
        "data:text/html;base64,AAAA",
        "data:image/svg+xml;base64,AAAA",
        "data:video/mp4,AAAA",
        'data:video/mp4;base64,AA"onerror="x',
        "javascript:alert(1)",
        f"{HOST}/other.mp4",
        "",
    ],
)
def test_nothing_but_a_clip_is_taken_from_media(handed: str) -> None:
    read = Reading(card("succeeded", media=lambda _: handed).html)
    assert read.values("src", "video") == [f"{HOST}/source.mp4", f"{HOST}/result.mp4"]


def boxes(shown: Face) -> list[tuple[str, str]]:
    """Read what gives the cells and the boxes of a stage their size."""
    styles = [dict(style) for style in declarations(shown.html)]
    cells = [s for s in styles if s.get("display") == "inline-block" and s.get("padding") == "0 1px 2px"]
    heights = [s["padding-top"] for s in styles if "padding-top" in s]
    return [(cell.get("max-width", ""), height) for cell, height in zip(cells, heights, strict=True)]


def test_the_boxes_of_the_media_have_their_size_before_anything_loads() -> None:
    sizes = [boxes(card(name)) for name in ("succeeded", "in_progress", "failed", "expired", "unknown")]
    assert sizes == [[("100%", "56.25%")] * 2] * 5


@pytest.mark.parametrize(
    ("aspect", "size"),
    [("9:16", ("272px", "177.8%")), ("1:1", ("482px", "100%")), ("3:4", ("362px", "133.3%"))],
)
def test_an_upright_pair_is_at_most_480_pixels_high(aspect: str, size: tuple[str, str]) -> None:
    shown = Card(record(params={"aspectRatio": aspect}), now=NOW)
    assert boxes(shown) == [size, size]
    assert (int(size[0].removesuffix("px")) - 2) * float(size[1].removesuffix("%")) / 100 <= 481


@pytest.mark.parametrize("aspect", ["0:9", "9:0", "x", "", None, 3, ["9:16"], "1e9:1", '9:16"', "999:1"])
def test_an_aspect_that_makes_no_sense_is_no_hint(aspect: object) -> None:
    assert boxes(Card(record(params={"aspectRatio": aspect}), now=NOW)) == [("100%", "56.25%")] * 2


def test_a_width_that_was_asked_for_bounds_the_card() -> None:
    assert "max-width:1034px" in card("succeeded").html
    assert "max-width:600px" in card("succeeded", width=600).html


# Many records, and the small faces.


def many() -> list[Record]:
    """Make twelve: nine successes, of which one dies soon, one running, two failed."""
    told = [record(task_id=f"{n}aaaaaaaa") for n in range(8)]
    told += [FACES["dies soon"](), FACES["in_progress"](), FACES["failed"](), FACES["failed"]()]
    return told


def test_a_panel_counts_what_has_no_card() -> None:
    assert Panel(many(), now=NOW).text.startswith("12 tasks: 8 succeeded, 1 running, 3 need a look\n")
    assert Panel(many(), cards=3, now=NOW).text.startswith("9 more: 5 succeeded, 1 running, 3 need a look\n")
    assert Panel([record()], now=NOW).text == "1 task: 1 succeeded"
    assert Panel([FACES["failed"]()], now=NOW).text.startswith("1 task: 1 needs a look\n")
    assert Panel([record()], cards=3, now=NOW).text == "1 task: shown above"
    assert Panel([], now=NOW).text == "0 tasks"


def test_a_panel_has_a_row_for_each_that_needs_a_look_and_says_what_to_do() -> None:
    panel = Panel([make() for make in FACES.values()], now=NOW)
    for face in (panel.text, Reading(panel.html).text):
        for word in ("Dies soon", "Failed", "Unknown", "Not found", "No answer", "Expired"):
            assert word in face
        assert (
            "422: flagged by moderation. Change the prompt or the source, and create the task again." in face
        )
        assert (
            "The service deletes this result in 1 day 20 h. Keep it: save the video, or %aleph_show --embed."
            in face
        )
    assert panel.text.count(ID) == 6


def test_what_dies_soon_is_never_cut_off() -> None:
    panel = Panel([*[FACES["failed"]()] * 30, FACES["dies soon"]()], now=NOW)
    lines = panel.text.splitlines()
    assert lines[1].startswith("Dies soon")
    assert len(lines) == 1 + 2 * 20 + 1
    assert lines[-1].startswith("11 more")
    assert Reading(panel.html).text.count("Failed") == 19


def test_cards_go_to_the_first_successes_that_live() -> None:
    told = [FACES["failed"](), FACES["expired"](), FACES["dies soon"](), record(), record()]
    assert first_cards(told, 2, NOW) == told[2:4]
    assert first_cards(told, 0, NOW) == []
    assert first_cards(told, 9, NOW) == told[2:]


def test_a_bar_tells_its_counts_and_keeps_its_height() -> None:
    bar = Bar(done=12, total=300, failed=1, elapsed=3.21)
    assert bar.text == "12 of 300, 1 without an answer, 3.2 s"
    assert "width:4.0%" in bar.html
    assert {dict(style).get("height") for style in declarations(bar.html)} == {"20px", "4px", None}
    assert "width:100.0%" in Bar(done=0, total=0).html
    assert Bar(done=300, total=300, elapsed=75).text == "300 of 300, 1 min 15 s"


def test_facts_stand_in_columns() -> None:
    facts = Facts("aleph_nb", [("Service", "demo", ""), ("Key", "set", "from KIE_API_KEY")])
    assert facts.text == "aleph_nb\n  Service  demo\n  Key      set  from KIE_API_KEY"
    assert "from KIE_API_KEY" in Reading(facts.html).text


def test_both_faces_are_handed_over_and_repr_is_the_text() -> None:
    for face in faces():
        assert face._repr_mimebundle_() == {"text/plain": face.text, "text/html": face.html}
        assert face._repr_mimebundle_(include=None, exclude=None)["text/plain"] == repr(face)


def test_many_of_one_kind_leave_room_for_the_others() -> None:
    dying = [completed(13 * DAY, task_id=f"dying-{n}") for n in range(40)]
    failed = [record(State.failed, task_id=f"failed-{n}", reason="it failed") for n in range(3)]
    lost = [record(State.not_found, task_id=f"lost-{n}") for n in range(12)]
    text = Panel([*dying, *failed, *lost], now=NOW).text
    assert [text.count(f"{kind}-") for kind in ("dying", "failed", "lost")] == [9, 3, 8]
    assert "35 more need a look: 31 die soon, 4 not found. The table has them all" in text


def test_a_row_of_the_panel_has_the_reviewers_own_names() -> None:
    names = {"lost": {"shot": "SH010", "client": "<b>"}}
    panel = Panel([record(State.not_found, task_id="lost")], labels=lambda task_id: names[task_id], now=NOW)
    for face in (Reading(panel.html).text, panel.text):
        assert "shot SH010 · client <b>" in face
