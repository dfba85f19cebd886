"""Files to records, and a field back to its line and column.

Only this room reads YAML, RDF files and git.
"""
