"""The API's JSON → `Record`, and nothing of how it came."""

from aleph_nb.wire.answer import PATH, Redact, parse, query

__all__ = ["PATH", "Redact", "parse", "query"]
