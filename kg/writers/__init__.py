"""A graph to bytes: the same bytes for the same graph."""
