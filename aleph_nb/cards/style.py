"""The inline styles.

A notebook that is not trusted keeps only what its sanitizer knows, hence:

- properties that every JupyterLab 4 keeps, and no class, rule or custom property of our own;
- every colour that follows the theme twice, plain and then by variable: where the second is dropped or
  means nothing the first holds. The card has its own plain background, so that the plain values can be
  read on a white and on a dark page alike;
- the fallbacks inside `var()` as `rgb(…)`: the sanitizer happens to keep such a value, and then a card
  that is not trusted follows the theme too.

Colours of states are mixed with the colour of text, because the themes' own do not reach a contrast of
4.5 (measured: orange on white 2.7, green on white 4.1). Where `color-mix` is unknown, they inherit.
"""

__all__ = ["STAGE", "background", "border", "ink", "join"]

STAGE = "#0d0e10"
"""Near black in both themes, and so written once: colour is judged on it."""

_INKS = {
    "read": ("#1f2328", "var(--jp-ui-font-color1,rgb(31,35,40))"),
    "quiet": ("#656d76", "var(--jp-ui-font-color2,rgb(101,109,118))"),
    "accent": ("#1565c0", "var(--jp-brand-color1,rgb(21,101,192))"),
}
_MIXED = {
    "green": ("#22683a", "--jp-success-color1", "rgb(46,140,79)"),
    "red": ("#b3261e", "--jp-error-color1", "rgb(211,47,47)"),
    "amber": ("#8a4b00", "--jp-warn-color1", "rgb(245,124,0)"),
    "running": ("#1558a8", "--jp-brand-color1", "rgb(25,118,210)"),
}
_SHARE = {"green": 72, "red": 82, "amber": 58, "running": 84}


def join(*declarations: str) -> str:
    """Join declarations into the value of a style attribute."""
    return ";".join(declarations)


def ink(hue: str) -> str:
    """Declare a colour of text: "read", "quiet", "accent", or a state's green, red, amber, running, grey."""
    if hue in _MIXED:
        plain, name, fallback = _MIXED[hue]
        mixed = f"var({name},{fallback}) {_SHARE[hue]}%,var(--jp-ui-font-color0,rgb(0,0,0))"
        return f"color:{plain};color:color-mix(in srgb,{mixed})"
    plain, variable = _INKS.get(hue, _INKS["quiet"])
    return f"color:{plain};color:{variable}"


def background(hue: str = "sheet") -> str:
    """Declare a background: the "sheet" of a card, the "track" of a bar, or "accent"."""
    plain, variable = {
        "sheet": ("#ffffff", "var(--jp-layout-color1,rgb(255,255,255))"),
        "track": ("#e3e5e8", "var(--jp-border-color2,rgb(227,229,232))"),
        "accent": _INKS["accent"],
    }[hue]
    return f"background-color:{plain};background-color:{variable}"


def border(side: str = "border") -> str:
    """Declare a border of one pixel, on all sides or on one ("border-top"); plain, it suits both themes."""
    return f"{side}:1px solid rgba(128,128,128,0.35);{side}-color:var(--jp-border-color2,rgb(213,216,220))"


FONT = (
    "font-family:system-ui,-apple-system,sans-serif;"
    "font-family:var(--jp-ui-font-family,system-ui,-apple-system,sans-serif)"
)
FRAME = join(
    "box-sizing:border-box;width:100%;margin:4px 0 8px;border-radius:10px;overflow:hidden",
    border(),
    background(),
    ink("read"),
    FONT,
    "font-size:12px;line-height:20px;text-align:left;overflow-wrap:break-word",
)
WIDEST = 1034
