"""The desk's modules and its style sheets, each joined into one: a front end has no folder to import from."""

import re
from functools import cache
from pathlib import Path

__all__ = ["join", "join_modules", "join_styles"]

_FOLDER = Path(__file__).parent / "js"
_MAIN = "main"
_STYLES = ("desk.css", "player.css", "deck.css")
_IMPORT = re.compile(r'^import \{([^{}]*)\} from "\./([\w-]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?function\b|class\b|const\b|let\b)", re.MULTILINE)
# Of whole lines, empty ones too: every desk that is opened carries the text.
_COMMENT = re.compile(r"^[ \t]*(?:/\*(?:(?!\*/)[\s\S])*\*/[ \t]*|//[^\n]*)?\n", re.MULTILINE)
_LEFT_OVER = re.compile(r"^(?:import\b|export\b(?! default\b)).*", re.MULTILINE)


@cache
def join() -> str:
    """Join the modules of the desk.

    Returns
    -------
    str
        One ES module: each module once, behind those that it imports, `main` with its default export last.

    Raises
    ------
    ValueError
        A module imports or exports in a way that joining cannot keep, or what is not there; or some import
        each other in a circle.
    """
    return join_modules(
        {path.stem: path.read_text(encoding="utf-8") for path in sorted(_FOLDER.glob("*.js"))}
    )


@cache
def join_styles() -> str:
    """Join the style sheets of the desk, of its player, and of the controls under that.

    Returns
    -------
    str
        One style sheet; of rules that weigh the same, the later sheet's win.
    """
    return "\n".join((_FOLDER.parent / name).read_text(encoding="utf-8") for name in _STYLES)


def join_modules(texts: dict[str, str]) -> str:
    """Join modules, by their names without `.js`; see `join`."""
    names = [*sorted(set(texts) - {_MAIN}), *({_MAIN} & set(texts))]
    order: list[str] = []
    for name in names:
        _place(name, texts, order, ())
    return "\n".join(f"// ── {name} ──\n{_bare(name, texts[name])}" for name in order)


def _place(name: str, texts: dict[str, str], order: list[str], path: tuple[str, ...]) -> None:
    if name in path:
        raise ValueError(f"Modules import each other in a circle: {' → '.join((*path, name))}")
    if name not in texts:
        raise ValueError(f"{path[-1]}.js imports {name}.js, which is not there")
    if name in order:
        return
    for _, other in _IMPORT.findall(texts[name]):
        _place(other, texts, order, (*path, name))
    order.append(name)


def _bare(name: str, text: str) -> str:
    """Return a module without imports, exports and comments; its names are of one space in what is joined."""
    for names, _ in _IMPORT.findall(text):
        if re.search(r"\bas\b", names):
            raise ValueError(
                f"{name}.js imports under another name, which joining would lose: {names.strip()}"
            )
    bare = _EXPORT.sub("", _IMPORT.sub("", text))
    if left := _LEFT_OVER.search(bare):
        raise ValueError(f"{name}.js has a line that cannot be joined: {left[0]}")
    if name != _MAIN and re.search(r"^export default\b", bare, re.MULTILINE):
        raise ValueError(f"{name}.js has a default export, which is main.js's alone")
    return _COMMENT.sub("", bare)
