"""Tests of the demo service: its answers by the page's schema, its media, its thread."""
