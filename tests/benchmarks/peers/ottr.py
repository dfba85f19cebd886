"""maplib: `ottr.py TABLES OUTPUT` maps a folder of tables with their OTTR templates."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import polars as pl  # type: ignore[import-not-found] # in the peers' environment only
from maplib import Model  # type: ignore[import-not-found] # the same

XSD = "http://www.w3.org/2001/XMLSchema#"


def main(folder: Path, output: str) -> None:
    model = Model()
    model.add_template((folder / "templates.stottr").read_text(encoding="utf-8"))
    tables = json.loads((folder / "tables.json").read_text(encoding="utf-8"))
    for name, kinds in tables.items():
        types = {
            column: pl.Int64 if kind == f"{XSD}integer" else pl.String
            for column, kind in kinds.items()
        }
        rows = pl.read_csv(folder / f"{name}.csv", schema_overrides=types)
        moments = [column for column, kind in kinds.items() if kind == f"{XSD}dateTime"]
        rows = rows.with_columns(pl.col(moments).str.to_datetime("%Y-%m-%dT%H:%M:%S%#z"))
        model.map(f"urn:tables:{name}", rows)
    model.write(output, format="ntriples")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
