"""The machine and the versions that figures are of, and the environments of the peers."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final

from tests.benchmarks.processes import NotAvailable

PEERS: Final = Path(__file__).parent / "peers"
_OURS: Final = ("PyYAML", "pyoxigraph", "pyshacl", "rdflib", "shacl")
_PEER_PACKAGES: Final = {
    "python": ("maplib", "polars", "pyshacl", "python-frontmatter", "PyYAML", "rdflib"),
    "morph": ("morph-kgc",),
}
_ASK: Final = """
import importlib.metadata, json, sys
print(json.dumps({name: importlib.metadata.version(name) for name in sys.argv[1:]}))
"""


def describe() -> str:
    """Return processor, cores, memory, system and Python."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"{platform.system()}, Python {platform.python_version()}"
    )


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    match = re.search(r"model name\s*: (.*)", path.read_text()) if path.is_file() else None
    return match[1].strip() if match else platform.processor() or platform.machine()


def environment(name: str, build: Path) -> str:
    """Return the Python of a peers' environment; it is created if it is missing or out of date.

    Raises NotAvailable when its packages cannot be installed.
    """
    requirements = PEERS / f"{name}.txt"
    folder = build / f".{name}"
    python = str(folder / "bin" / "python")
    stamp = folder / "installed"
    digest = sha256(requirements.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == digest:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    install = [python, "-m", "pip", "install", "--quiet", "--requirement", str(requirements)]
    for command in ([sys.executable, "-m", "venv", str(folder)], install):
        process = subprocess.run(command, capture_output=True, text=True, check=False)
        if process.returncode:
            raise NotAvailable(f"the packages of {requirements.name} cannot be installed")
    stamp.write_text(digest)
    return python


def versions(build: Path, environments: Iterable[str]) -> str:
    """Return the versions of kg and what it uses, and of the peers in these environments."""
    ours = {"kg": importlib.metadata.version("kg-exporter"), **_installed_versions(_OURS)}
    parts = [_version_list(ours)]
    for name in sorted(environments):
        python = str(build / f".{name}" / "bin" / "python")
        command = [python, "-c", _ASK, *_PEER_PACKAGES[name]]
        parts.append(_version_list(json.loads(subprocess.check_output(command))))
    return "; peers: ".join((parts[0], ", ".join(parts[1:]))) if parts[1:] else parts[0]


def _installed_versions(names: Iterable[str]) -> dict[str, str]:
    installed = {}
    for name in names:
        try:
            installed[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return installed


def _version_list(installed: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in installed.items())
