from __future__ import annotations

from pathlib import Path

import pytest

from kg.model.errors import ConfigurationError
from kg.model.sizes import parse_size
from tests.sample_site import run


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1),
        ("500000", 500_000),
        ("64MB", 64 * 10**6),
        ("64 mib", 2**26),
        ("2G", 2 * 10**9),
        (" 10\tKiB ", 10_240),
        ("999999999999999", 10**15 - 1),
    ],
)
def test_a_size_is_a_number_and_a_unit(text: str, expected: int) -> None:
    assert expected == parse_size(text)


@pytest.mark.parametrize("text", ["", "0", "MB", "-1", "1.5MB", "64XB", "64MBs", "1" * 16, "1iB"])
def test_text_that_is_not_a_size_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^not a size: .*; write one like 64MB"):
        parse_size(text)


@pytest.mark.parametrize("option", ["--memory", "--shards"])
@pytest.mark.parametrize(
    ("exit_code", "size"), [(0, "64MiB"), (0, "64 MB"), (0, "900000"), (2, "big"), (2, "0")]
)
def test_every_option_takes_the_same_sizes(
    exit_code: int, size: str, option: str, tmp_path: Path, checkout: Path
) -> None:
    output = tmp_path / ("out.nq" if option == "--memory" else "out")
    result = run("export", checkout / "seeds", "-q", "-o", output, option, size)
    assert exit_code == result.exit_code
    assert bool(exit_code) is (f"not a size: '{size}'; write one like" in result.stderr)
