"""URLs of a service that has another port each time it starts, as the demo has: what the ledger has of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from aleph_nb.record import Record
from aleph_nb.values import is_loopback

__all__ = ["moved_columns", "moved_record"]

_URLS = ("source_video_url", "result_video_url", "result_image_url")


def moved_record(record: Record, base_url: str) -> Record:
    """Return a record whose media are where the service is now; as it is where that is ""."""
    if not base_url:
        return record
    moved: dict[str, Any] = {name: _moved(getattr(record, name), base_url) for name in _URLS}
    return replace(record, **moved)


def moved_columns(columns: Mapping[str, list[Any]], base_url: str) -> dict[str, list[Any]]:
    """Return a history's columns whose media are where the service is now."""
    if not base_url:
        return dict(columns)
    moved = {name: [_moved(url, base_url) for url in columns[name]] for name in _URLS if name in columns}
    return {**columns, **moved}


def _moved(url: str | None, base_url: str) -> str | None:
    parts = urlsplit(url) if url else None
    if parts is None or not is_loopback(parts.hostname):
        return url
    return base_url + parts.path
