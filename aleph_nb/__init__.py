"""Review videos made with Runway Aleph in a notebook."""
