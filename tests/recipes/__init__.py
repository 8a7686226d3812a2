"""Recipes: programs that make what the repository keeps ready-made."""
