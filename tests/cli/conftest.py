from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.commands import ARTICLE, DATE


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder with a good article, a bad one and one that is broken."""
    monkeypatch.chdir(tmp_path)
    Path("good.md").write_text(ARTICLE.format(title="Council", date=DATE, path="1"))
    Path("bad.md").write_text(ARTICLE.format(title="Council again", date="soon", path="2"))
    Path("broken.md").write_text("---\ntitle: [\n---\n")
    return tmp_path
