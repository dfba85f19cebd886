"""Export a site of Markdown files with YAML front matter as a schema.org knowledge graph."""

__version__ = "0.1.0"
