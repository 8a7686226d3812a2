"""The Aleph record API on loopback, with real clips: to try the package, and to test against.

It imports nothing else of aleph_nb, so that what it answers is an independent witness of the API.
`python -m aleph_nb.demo` serves it until interrupted.
"""

from .catalogue import MOST_TASKS, Catalogue
from .service import KEY, MEDIA, DemoService
from .tasks import CALLBACK_SECRET, RESULT_LIFETIME, Spelling, Task

__all__ = [
    "CALLBACK_SECRET",
    "KEY",
    "MEDIA",
    "MOST_TASKS",
    "RESULT_LIFETIME",
    "Catalogue",
    "DemoService",
    "Spelling",
    "Task",
]
