"""Completion on a magic's line: `install` adds it to a shell's completer, `uninstall` takes it away.

It answers the Tab key, so it never asks the network, never makes a session, and never raises. What it
needs is imported with the first Tab: `%load_ext` stays cheap.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aleph_nb.completion.offers import Offers

__all__ = ["install", "uninstall"]

_NAME = "aleph_nb.completion"
_ANY_LINE = f"(?#{_NAME})"  # a pattern that fits every line, and is nobody else's


def install(shell: Any, magics: Any) -> None:
    """Complete the lines of these magics; where the shell has no completer, do nothing.

    Parameters
    ----------
    shell : InteractiveShell
        The shell.
    magics : Magics
        The registered instance: what its `magics` and their parsers hold is completed.
    """
    completer: Any = getattr(shell, "Completer", None)
    if not hasattr(completer, "custom_matchers"):
        return
    try:
        from IPython.core.completer import context_matcher  # noqa: PLC0415, from IPython 8.6 on
    except ImportError:
        _install_by_token(shell, magics, completer)
        return

    def match(context: Any) -> dict[str, Any]:
        from IPython.core.completer import SimpleCompletion  # noqa: PLC0415, likewise

        found = _find(shell, magics, context.full_text, context.cursor_line, context.cursor_position)
        if found is None:
            return {"completions": []}
        offers = [SimpleCompletion(text=offer.text, type=offer.kind) for offer in found.offers]
        return {
            "completions": offers,
            "matched_fragment": found.fragment,
            "suppress": True,
            "ordered": True,
        }

    completer.custom_matchers.append(context_matcher(identifier=_NAME, priority=100)(match))


def _install_by_token(shell: Any, magics: Any, completer: Any) -> None:
    """Before IPython 8.6 a matcher is told the token alone, as the completer cuts it, and the line.

    What only goes on with the token comes from a custom completer, which suppresses the other
    completions; what replaces it (a name that needs quotes) from a matcher.
    """

    def match(token: str) -> list[str]:
        before = completer.text_until_cursor
        found = _find(shell, magics, completer.line_buffer, 0, len(before))
        return [] if found is None else found.for_token(token)

    def complete(event: Any) -> list[str]:
        return match(event.symbol)

    completer.custom_matchers.append(match)
    completer.custom_completers.add_re(_ANY_LINE, complete)


def uninstall(shell: Any) -> None:
    """Take away what `install` added, as often as it did."""
    completer: Any = getattr(shell, "Completer", None)
    matchers = getattr(completer, "custom_matchers", None)
    if matchers is None:
        return
    matchers[:] = [matcher for matcher in matchers if getattr(matcher, "__module__", "") != _NAME]
    getattr(completer.custom_completers, "regexs", {}).pop(_ANY_LINE, None)


def _find(shell: Any, magics: Any, text: str, row: int, column: int) -> "Offers | None":
    try:
        from aleph_nb.completion.offers import find_offers  # noqa: PLC0415, with the first Tab

        return find_offers(shell, magics, text, row, column)
    except Exception:  # noqa: BLE001, somebody is typing: a traceback would stand in the midst of their line
        return None
