"""Apache Jena 4.5, as Debian has it (`libapache-jena-java`): commands that are Java classes."""

from __future__ import annotations

import zipfile
from pathlib import Path
from subprocess import CompletedProcess
from typing import Final, NamedTuple

from tests.stores.processes import run

JARS: Final = Path("/usr/share/java")
NEEDED: Final = """
    commons-cli commons-codec commons-compress commons-csv commons-io commons-lang3
    dexx.collection gson guava httpclient httpcore jackson-annotations jackson-core
    jackson-databind jsonld-java protobuf slf4j-api slf4j-simple thrift titanium-json-ld
    jena-arq jena-base jena-cmds jena-core jena-dboe-base jena-dboe-index jena-dboe-storage
    jena-dboe-trans-data jena-dboe-transaction jena-iri jena-shacl jena-tdb2
""".split()
BUNDLES: Final = "org/apache/jena/ext/"


class Jena(NamedTuple):
    """Jena's commands."""

    classpath: str

    def __call__(self, command: str, *words: str | Path) -> CompletedProcess[str]:
        """Run a command, such as `riotcmd.riot`, that logs only warnings and errors."""
        level = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
        return run("java", level, "-cp", self.classpath, command, *words)


def install_jena(folder: Path) -> Jena:
    """Return Jena with working XML Schema types.

    Debian moved the classes of org.apache.jena.ext.xerces to xerces, but left their message bundles
    where they were; so this copies them to the new place, in a folder before the jars.
    """
    with zipfile.ZipFile(JARS / "jena-core.jar") as core:
        for name in core.namelist():
            if name.startswith(BUNDLES) and name.endswith(".properties"):
                path = folder / name.removeprefix(BUNDLES)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(core.read(name))
    return Jena(":".join([str(folder), *(f"{JARS}/{name}.jar" for name in NEEDED)]))
