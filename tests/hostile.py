"""Hostile text in every field: what a service, a CSV and a person may hand over to run as script."""

import json
from typing import Any

from tests.faults import FaultServer, Reply, envelope, failure, refuse, running, success
from tests.keys import KEY

__all__ = ["DIRECTIONS", "cells", "serve"]

# Each would say so where it ran: in the page, by a request, by a dialog, on the console.
_RUN = "window.pwned=1;console.log('pwned');fetch('http://192.0.2.1/pwned');alert('pwned')"
_ELEMENTS = f'"></video></a></div></details><script>{_RUN}</script><img src=x onerror="{_RUN}">'
_HANDLER = f"""' onmouseover='{_RUN}' " onerror="{_RUN}" onload="{_RUN}" autofocus onfocus="{_RUN}" x=\""""
_OTHERS = (
    f'<svg onload="{_RUN}"><iframe srcdoc="<script>parent.pwned=1</script>"><a href="javascript:{_RUN}">'
)
_ESCAPES = "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b1m \x00\x08\x7f"
DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""What turns or isolates the direction of the text behind it."""
_FORMULA = r"$\href{javascript:window.pwned=1}{x^2}$ {{7*7}}"
_TEXT = f"{_ELEMENTS}{_HANDLER}{_OTHERS}{_ESCAPES}{DIRECTIONS}<!-- ]]> {_FORMULA}"

_PATHS = ('/"><script>window.pwned=1</script>', '/x.mp4" onerror="window.pwned=1" x="', "/'><b>.mp4", "/page")
_OTHER_SCHEMES = (
    f"javascript:{_RUN}",
    f" JaVaScRiPt:{_RUN}",
    f"data:text/html,<script>{_RUN}</script>",
    f"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='{_RUN}'/>",
    f"vbscript:{_RUN}",
    "https://media.example/\x1b[31m\u202e.mp4",
)

# What a person may type: the fields above are asked for by the plain ones.
_TYPED = f"""'><img/src=x/onerror="{_RUN}">{_ESCAPES}{DIRECTIONS}""".replace(" ", "").replace(";", "\t")
_STATES = ("succeeded", "failed", "running", "unknown", "not-found", "refused", "strange")
_IDS = [f"{state}-{number}" for state in _STATES for number in range(4)]
_IDS += [f"scheme-{number}" for number in range(len(_OTHER_SCHEMES))]
_IDS += [
    f"</script><script>window.pwned=1</script>{mark}" for mark in (_ESCAPES.replace(" ", ""), DIRECTIONS)
]


def serve(server: FaultServer) -> None:
    """Let a server answer with hostile text, whatever it is asked for."""
    html = {"Content-Type": "text/html"}
    for path in _PATHS:
        server.script(path, Reply(body=f"<script>{_RUN}</script>", headers=html))
    server.default = lambda task_id: _answer(server.base_url, task_id)


def _answer(base_url: str, task_id: str) -> Reply:
    state, _, number = task_id.partition("-")
    at = int(number) if number.isdigit() else 0
    url = _OTHER_SCHEMES[at] if state == "scheme" else base_url + _PATHS[at % len(_PATHS)]
    params = {
        "prompt": _TEXT,
        "videoUrl": url,
        "aspectRatio": _TEXT,
        "callBackUrl": url,
        _TEXT: {_TEXT: [_TEXT]},
    }
    told: dict[str, Any] = {"paramJson": json.dumps(params)}
    response = {"taskId": _TEXT, "resultVideoUrl": url, "resultImageUrl": url, _TEXT: _TEXT}
    match state:
        case "failed":
            body = failure(task_id, 400 + at, _TEXT, **told)
        case "running":
            body = running(task_id, **told)
        case "unknown":
            body = success(task_id, response={"resultImageUrl": url}, errorMessage=_TEXT, **told)
        case "not":
            return Reply(body=envelope(404, _TEXT))
        case "refused":
            return refuse(422 if at else 500, _TEXT, inside=at > 1)
        case "strange":
            return Reply(body=success(_TEXT) if at else _TEXT)
        case _:
            body = success(task_id, response=response, errorMessage=_TEXT, **told)
    body["msg"] = _TEXT
    return Reply(body=body)


def _labels_csv() -> str:
    """Make a CSV whose other columns, and what stands in them, are hostile."""
    quoted = _TEXT.replace('"', '""').replace("\x00", "")
    rows = [f'{task_id},"{quoted}","{quoted}"' for task_id in ("succeeded-0", "succeeded-1", "failed-0")]
    return "\n".join([f'task_id,"{quoted}",shot', *rows]) + "\n"


def cells(base_url: str) -> list[str]:
    """Make cells that show all of it: cards, panel, DataFrame, notes, errors, where you are."""
    names = {"KIE_API_KEY": KEY, "ALEPH_NB_BASE_URL": base_url, "ALEPH_NB_RATE": "0", "ALEPH_NB_RETRIES": "0"}
    begin = [
        "import os, pathlib",
        f"os.environ |= {names!r}",
        f"pathlib.Path('shots.csv').write_text({_labels_csv()!r}, encoding='utf-8', newline='')",
        f"ids = {_IDS!r}",
        f"typed = {_TYPED!r}",
    ]
    return [
        "\n".join(begin) + "\n%load_ext aleph_nb",
        "%aleph_status -f shots.csv",
        "%aleph_status $ids $typed $ids --media 20",
        "%aleph_show $ids",
        "%aleph_show succeeded-0 --embed",
        *(f"%aleph_show --compare {task_id}" for task_id in _IDS if task_id.startswith("succeeded")),
        "%aleph",
        # Of each that fails, its line alone: the next one is to run, too.
        *(
            f"try:\n    get_ipython().run_line_magic({name!r}, {line!r})\nexcept Exception as e:\n"
            "    get_ipython().showtraceback()"
            for name, line in (
                ("aleph_status", "$typed refused-1"),
                ("aleph_status", "refused-2"),
                ("aleph_status", "strange-0"),
                ("aleph_status", f"-f {_TYPED}"),
                ("aleph_status", f"--{_TYPED}"),
                ("aleph_status", f"x -o {_TYPED}"),
                ("aleph_demo", _TYPED),
            )
        ),
    ]
