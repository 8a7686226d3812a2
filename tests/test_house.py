"""The rules of the house: floors, one library a room, small rooms, names that are told."""

import ast
import importlib
import re
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

import aleph_nb
from aleph_nb.magics import AlephMagics
from aleph_nb.settings import Settings

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "aleph_nb"
README = (ROOT / "README.md").read_text(encoding="utf-8")

# A room may import from its own floor, where that makes no circle, and from those below.
FLOORS = {
    "__init__": 8,
    "extension": 7,
    "magics": 6,
    "arguments": 6,
    "completion": 6,
    "configuration": 6,
    "line": 6,
    "login": 6,
    "progress": 6,
    "semicolon": 6,
    "views": 6,
    "watching": 6,
    "dashboard": 5,
    "session": 4,
    "client": 3,
    "cards": 3,
    "downloads": 3,
    "asked": 2,
    "credentials": 2,
    "frame": 2,
    "ids": 2,
    "ledger": 2,
    "pace": 2,
    "pictures": 2,
    "pool": 2,
    "retry": 2,
    "settings": 2,
    "tables": 2,
    "watch": 2,
    "wire": 2,
    "demo": 1,
    "errors": 1,
    "record": 1,
    "review": 1,
    "transport": 1,
    "values": 1,
    "words": 1,
    "_version": 0,
}

# Third-party libraries, and the rooms that may know them. numpy comes with pandas, urllib3 with requests,
# traitlets with IPython.
LIBRARIES = {
    "PIL": {"pictures"},
    "IPython": {"arguments", "completion", "dashboard", "login", "magics", "progress", "views", "watching"},
    "anywidget": {"dashboard"},
    "dotenv": {"credentials"},
    "filelock": {"pace"},
    "ipywidgets": {"dashboard"},
    "keyring": {"credentials"},
    "numpy": {"frame"},
    "pandas": {"dashboard", "frame", "session", "magics"},  # all but frame name the type alone
    "platformdirs": {"pace", "settings"},
    "requests": {"transport"},
    "sqlalchemy": {"ledger"},
    "tenacity": {"retry"},
    "tornado": {"demo"},
    "tqdm": {"progress"},
    "traitlets": {"configuration", "dashboard"},
    "urllib3": {"transport"},
}

MOST_LINES = 320
MOST_LINES_OF_A_FUNCTION = 50  # its docstring aside
FILES = sorted(PACKAGE.rglob("*.py"))
WALLS = ("shared/", ".library", "/work/")  # places outside that no file of the project may name


def room_of(path: Path) -> str:
    """Name the room that a file is, or is a part of."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> Iterator[str]:
    """Give every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield f"aleph_nb.{room_of(path)}"
        elif isinstance(node, ast.ImportFrom) and node.module == "aleph_nb":
            yield from (f"aleph_nb.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)


def files(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda path: str(path.relative_to(ROOT)))


def test_every_room_has_its_floor() -> None:
    assert {room_of(path) for path in FILES} == set(FLOORS)


@files(FILES)
def test_imports_run_downward(path: Path) -> None:
    mine = FLOORS[room_of(path)]
    for name in imports_of(path):
        top, _, rest = name.partition(".")
        if top == "aleph_nb":
            other = rest.partition(".")[0]
            assert FLOORS[other] <= mine, f"{name} is above"


@files(FILES)
def test_one_library_one_room(path: Path) -> None:
    for name in imports_of(path):
        top = name.partition(".")[0]
        if top != "aleph_nb" and top not in sys.stdlib_module_names:
            assert room_of(path) in LIBRARIES[top], f"{top} has another room"


def test_the_demo_imports_nothing_of_ours() -> None:
    for path in (PACKAGE / "demo").rglob("*.py"):
        ours = {name for name in imports_of(path) if name.startswith("aleph_nb")}
        assert ours <= {"aleph_nb.demo"}


@files(FILES)
def test_rooms_and_functions_are_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= MOST_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
            lines = (node.end_lineno or 0) - first.lineno + 1
            assert lines <= MOST_LINES_OF_A_FUNCTION, f"{node.name} has {lines} lines"


@files([path for path in FILES if path.name != "__main__.py"])
def test_all_is_complete_and_sorted(path: Path) -> None:
    parts = path.relative_to(ROOT).with_suffix("").parts
    module = importlib.import_module(".".join(parts).removesuffix(".__init__"))
    if room_of(path) == "_version":
        return
    names = module.__all__
    assert list(names) == sorted(names, key=lambda name: (not name.isupper(), not name[0].isupper(), name))
    body = ast.parse(path.read_text(encoding="utf-8")).body
    defined = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    public = {name for name in defined if not name.startswith("_")}
    assert public <= set(names), "public, but not in __all__"
    for name in names:
        assert hasattr(module, name)


def test_what_the_package_offers_is_there() -> None:
    assert sorted(dir(aleph_nb)) == aleph_nb.__all__
    for name in aleph_nb.__all__:
        assert getattr(aleph_nb, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = aleph_nb.nothing


def test_every_magic_is_in_the_readme_with_all_its_options() -> None:
    for name, method in AlephMagics.magics["line"].items():
        assert f"`%{name}" in README, name
        for action in getattr(AlephMagics, str(method)).parser._actions:
            if action.option_strings:
                assert action.option_strings[0] in README, f"%{name} {action.option_strings}"


def test_every_magic_has_an_example() -> None:
    for name, method in AlephMagics.magics["line"].items():
        _, _, example = (getattr(AlephMagics, str(method)).__doc__ or "").partition("Example::")
        assert f"%{name}" in example, name


def test_every_setting_is_in_the_readme_with_its_default() -> None:
    for declared in fields(Settings):
        default = f"{declared.default:g}" if isinstance(declared.default, float) else declared.default
        assert f"| `{declared.name}` | " in README
        row = README.split(f"| `{declared.name}` | ")[1].split("\n")[0]
        assert str(default) in row, declared.name


def test_every_message_that_the_readme_explains_is_one() -> None:
    texts = [
        node.value
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    said = " ".join("\n".join(texts).split())
    table = README.split("| it says | because | do |")[1].split("\n\n")[0]
    for row in table.splitlines()[2:]:
        for message in row.split(" | ")[0].removeprefix("| ").split(" · "):
            for part in re.sub(r"^\d{3}: ", "", message).split("…"):
                assert part.strip() in said, part


def test_the_top_level_is_the_designs() -> None:
    allowed = {"pyproject.toml", "aleph_nb", "notebooks", "tests", "README.md", "CHANGELOG.md", "LICENSE"}
    seen = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert allowed <= seen
    assert seen <= allowed | {"build", "dist"}


def test_nothing_names_a_place_outside() -> None:
    texts = [*FILES, *(ROOT / "tests").rglob("*.py"), ROOT / "README.md", ROOT / "tests" / "run"]
    for path in texts:
        if path != Path(__file__):
            text = path.read_text(encoding="utf-8")
            assert [wall for wall in WALLS if wall in text] == [], path
