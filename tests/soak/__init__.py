"""Tests that take longer than CI allows: `tests/run soak`."""
