"""Tests of aleph_nb: one file for each room."""
