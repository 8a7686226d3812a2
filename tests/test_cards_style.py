"""What is left of the faces in a notebook that is not trusted, and whether it can be read."""

import re

import pytest

from tests.faces import check, declarations, faces

PROPERTIES = {
    "background-color",
    "border",
    "border-color",
    "border-radius",
    "border-top",
    "border-top-color",
    "bottom",
    "box-sizing",
    "color",
    "cursor",
    "display",
    "float",
    "font-family",
    "font-size",
    "font-variant",
    "font-weight",
    "height",
    "left",
    "line-height",
    "margin",
    "max-height",
    "max-width",
    "min-width",
    "overflow",
    "overflow-wrap",
    "padding",
    "padding-top",
    "position",
    "right",
    "table-layout",
    "text-align",
    "text-decoration",
    "top",
    "vertical-align",
    "white-space",
    "width",
}
DROPPED = {"text-overflow"}  # by the sanitizer; without it a text is cut without a sign
ON_STAGE = {"#0d0e10", "rgba(13,14,16,0.72)", "#e6e8eb", "#9aa1ab"}  # the same in both themes
COLOUR = re.compile(r"#[0-9a-f]{6}|rgba?\([\d,. ]+\)")


def test_only_what_the_sanitizer_knows_is_used() -> None:
    for face in faces():
        check(face.html)
        for style in declarations(face.html):
            assert {name for name, _ in style} <= PROPERTIES | DROPPED


def test_every_colour_that_follows_the_theme_is_there_without_it_too() -> None:
    seen = 0
    for face in faces():
        for style in declarations(face.html):
            plain = ""
            for name, value in style:
                if "var(" in value and name != "font-family":
                    assert plain in (name, name.removesuffix("-color")), (
                        f"no plain value before {name}:{value}"
                    )
                    assert re.search(r"var\(--jp-[a-z0-9-]+,rgb\(\d+,\d+,\d+\)\)", value)
                    seen += 1
                elif (found := COLOUR.search(value)) and found[0] not in ON_STAGE:
                    assert any("var(" in v for n, v in style if n.startswith(name)), f"{name}:{value} alone"
                plain = name if COLOUR.search(value) else ""
    assert seen > 100


def test_the_layout_needs_no_value_that_the_sanitizer_drops() -> None:
    for face in faces():
        for style in declarations(face.html):
            kept = {
                name for name, value in style if not re.search(r"var\(|calc\(|color-mix\(|tabular", value)
            }
            dropped = {name for name, _ in style} - kept
            assert dropped <= {
                "border-color",
                "border-top-color",
                "font-variant",
            }  # the shorthand has a plain one


LIGHT = {
    "--jp-layout-color1": "#ffffff",
    "--jp-ui-font-color0": "#000000",
    "--jp-ui-font-color1": "rgba(0,0,0,0.87)",
    "--jp-ui-font-color2": "rgba(0,0,0,0.54)",
    "--jp-brand-color1": "#1976d2",
    "--jp-success-color1": "#388e3c",
    "--jp-error-color1": "#d32f2f",
    "--jp-warn-color1": "#f57c00",
}
DARK = {
    "--jp-layout-color1": "#212121",
    "--jp-ui-font-color0": "#ffffff",
    "--jp-ui-font-color1": "rgba(255,255,255,0.87)",
    "--jp-ui-font-color2": "rgba(255,255,255,0.54)",
    "--jp-brand-color1": "#2196f3",
    "--jp-success-color1": "#4caf50",
    "--jp-error-color1": "#f44336",
    "--jp-warn-color1": "#ff9800",
}
Rgb = tuple[float, float, float]


def solid(colour: str, under: Rgb = (255, 255, 255)) -> Rgb:
    """Read a colour, laid over another where it is translucent."""
    if colour.startswith("#"):
        return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
    red, green, blue, *alpha = (float(part) for part in re.findall(r"[\d.]+", colour))
    share = alpha[0] if alpha else 1.0
    mixed = [
        over * share + below * (1 - share) for over, below in zip((red, green, blue), under, strict=True)
    ]
    return mixed[0], mixed[1], mixed[2]


def resolve(value: str, theme: dict[str, str], under: Rgb) -> Rgb:
    """Compute what a browser makes of a value of ours."""
    value = re.sub(r"var\((--[\w-]+),(rgb\([^)]*\))\)", lambda m: theme.get(m[1], m[2]), value)
    if not value.startswith("color-mix"):
        return solid(value, under)
    first, second = (solid(found, under) for found in COLOUR.findall(value))
    share = float((re.search(r"(\d+)%", value) or [0, 0])[1]) / 100
    mixed = [one * share + other * (1 - share) for one, other in zip(first, second, strict=True)]
    return mixed[0], mixed[1], mixed[2]


def contrast(one: Rgb, other: Rgb) -> float:
    """Compute WCAG's contrast of two colours."""

    def light(colour: Rgb) -> float:
        parts = [c / 255 / 12.92 if c <= 10.3 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK, {}], ids=["light", "dark", "no theme"])
def test_text_can_be_read_in_every_theme(theme: dict[str, str]) -> None:
    sheet = solid(theme.get("--jp-layout-color1", "#ffffff"))
    for face in faces():
        for style in declarations(face.html):
            inks = [value for name, value in style if name == "color"]
            if not inks or inks[0] in ON_STAGE:
                continue
            assert contrast(resolve(inks[-1], theme, sheet), sheet) >= 4.5, inks
            assert contrast(solid(inks[0]), (255, 255, 255)) >= 4.5, inks


def test_text_on_the_stage_can_be_read() -> None:
    stage = solid("#0d0e10")
    assert contrast(solid("#9aa1ab"), stage) >= 4.5
    over_white = solid("rgba(13,14,16,0.72)", (255, 255, 255))
    assert contrast(solid("#e6e8eb"), over_white) >= 4.5
