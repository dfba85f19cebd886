"""`make remake` on a clean checkout changes nothing; test_documents tests that of the documents."""

from __future__ import annotations

import pytest

from tests.golden import name_of
from tests.remake import GENERATORS, current


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(GENERATORS.keys() - {"documents"}))
def test_everything_generated_is_up_to_date(name: str) -> None:
    stale = [name_of(path) for path, text in GENERATORS[name]() if text != current(path)]
    assert [] == stale, "`make remake` rewrites it: read the difference before you keep it"
