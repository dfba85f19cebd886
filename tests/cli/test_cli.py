"""The command line: which exit code, what goes to which stream, and where settings come from."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
from rdflib import Graph

from kg.cli import VERBS
from kg.model.site import DEFAULT_BASE
from tests.cli.commands import ARTICLE, DATE, EMPTY, LISTING, SEEDS, ended, run, start

NOTICE: Final = "notice: no site address found"
BASE: Final = ("--base-iri", "https://example.org/")

SHAPE: Final = """\
@prefix schema: <https://schema.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
<shapes#cameras> a sh:NodeShape ;
    sh:targetClass schema:NewsArticle ;
    sh:property [
        sh:path schema:headline ;
        sh:pattern "Cameras" ;
        sh:severity sh:Info ;
        sh:message "There are no cameras in the headline." ;
    ] .
"""
URL: Final = "https://example.org/1"


@pytest.fixture(autouse=True)
def shape(tmp_path: Path) -> None:
    """Write a custom shape, for READING."""
    (tmp_path / "own.ttl").write_text(SHAPE)


READING: Final = {
    "export": ("export",),
    "fields": ("fields",),
    "validate": ("validate", "--no-bundled", "--shapes", "own.ttl"),  # the bundled ones are slow
    "query": ("query", "topics"),
    "explain": ("explain", URL),
    "load": ("load", "--to", "store", "--dry-run", "--json"),
}
"""Each verb that reads sources, with its other arguments."""
OTHER: Final = {
    "diff": ("diff", "good.md"),
    "fix": ("fix",),
}
"""Verbs with other exit codes, because finding something is their result."""


def test_every_verb_is_tested_here() -> None:
    assert sorted(VERBS) == sorted([*READING, *LISTING, *OTHER])


@pytest.mark.parametrize("verb", READING)
@pytest.mark.usefixtures("here")
def test_a_verb_without_findings_exits_with_0(verb: str) -> None:
    assert run(*READING[verb], "good.md").exit_code == 0


@pytest.mark.parametrize("command", [*LISTING, "--help", "--version", "-h", "-V"])
def test_a_list_exits_with_0(command: str) -> None:
    assert run(command).exit_code == 0


@pytest.mark.parametrize("second", ["bad.md", "broken.md"])
@pytest.mark.parametrize("verb", READING)
@pytest.mark.usefixtures("here")
def test_a_verb_with_findings_exits_with_1(verb: str, second: str) -> None:
    result = run(*READING[verb], "good.md", second)
    assert result.exit_code == 1
    assert result.stdout != ""
    assert f"{second}:" in (result.stdout if verb == "validate" else result.stderr)


@pytest.mark.parametrize(
    ("code", "command"),
    [
        (0, "diff good.md good.md"),
        (1, "diff good.md mended.md"),
        (1, "diff good.md bad.md"),
        (3, "diff good.md broken.md"),
        (3, "diff good.md gone.md"),
        (3, "diff --git nothing good.md"),
        (0, "fix good.md"),
        (1, "fix good.md broken.md"),
        (1, "fix dirty.md"),
        (0, "fix --write dirty.md"),
        (3, "fix broken.md"),
        (3, "fix gone.md"),
    ],
)
def test_diff_and_fix_exit_with_1_if_there_is_something_to_do(
    code: int, command: str, here: Path
) -> None:
    (here / "mended.md").write_text(ARTICLE.format(title="Mended", date=DATE, path="1"))
    (here / "dirty.md").write_text(ARTICLE.format(title="Q&amp;A", date=DATE, path="3"))
    assert code == run(*command.split()).exit_code


@pytest.mark.parametrize(
    "command",
    [
        "",
        "nothing",
        "--nothing",
        *(f"{verb} --nothing" for verb in VERBS),
        "mapping more",
        "shapes more",
        *(f"{verb} --format nothing" for verb in ("validate", "mapping", "queries", "shapes")),
        "export --format nothing good.md",
        "export --output graph.doc good.md",
        "export --output . good.md",
        "export --check graph.doc good.md",
        "export --check graph.ttl --output graph.ttl good.md",
        "export --schema-namespace ftp good.md",
        "export --base-iri example.org good.md",
        "export --topics gone.ttl good.md",
        "fields --format nothing good.md",
        "validate --format nothing good.md",
        "validate --fail-on nothing good.md",
        "query",
        "query topics --format nothing good.md",
        "query topics --parameter nothing good.md",
        "query - -",
        "explain",
        "diff good.md",
        "diff good.md good.md good.md",
        "diff - -",
        "diff --git HEAD good.md bad.md",
        "fix -",
    ],
)
@pytest.mark.usefixtures("here")
def test_wrong_usage_exits_with_2(command: str) -> None:
    result = run(*command.split())
    assert (2, "") == (result.exit_code, result.stdout)
    assert result.stderr != ""


@pytest.mark.parametrize("sources", ["gone.md", "gone.md good.md", "broken.md", "empty", "-"])
@pytest.mark.parametrize("verb", READING)
def test_a_verb_without_readable_sources_exits_with_3(verb: str, sources: str, here: Path) -> None:
    (here / "empty").mkdir()
    result = run(*READING[verb], *sources.split(), stdin=b"no front matter")
    assert (3, "") == (result.exit_code, result.stdout)


@pytest.mark.parametrize("verb", READING)
@pytest.mark.usefixtures("here")
def test_a_strict_verb_stops_at_the_first_bad_value_with_3(verb: str) -> None:
    result = run(*READING[verb], "good.md", "bad.md", "--strict")
    assert (3, "") == (result.exit_code, result.stdout)
    assert "bad.md:6:20: publishedDateTime: not a date and time: 'soon'" in result.stderr


@pytest.mark.parametrize(
    "command",
    [
        "query nothing good.md",
        "query gone.rq good.md",
        "query topics --parameter x=y good.md",
        "query provenance good.md",
        "query bad.rq good.md",
        "validate --shapes gone.ttl good.md",
        "validate --shapes bad.rq good.md",
        "explain https://example.org/gone good.md",
        "export --output gone/graph.ttl good.md",
        "export --topics bad.rq good.md",
    ],
)
def test_an_impossible_command_exits_with_3_and_one_line(command: str, here: Path) -> None:
    (here / "bad.rq").write_text("SELECT {")
    result = run(*command.split(), "-q")
    assert (3, "") == (result.exit_code, result.stdout)
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.process
@pytest.mark.parametrize("command", (READING | OTHER).values(), ids=lambda words: words[0])
def test_an_interrupted_verb_exits_with_130_and_a_message(
    command: tuple[str, ...], here: Path
) -> None:
    pipe = here / "endless.md"
    os.mkfifo(pipe)
    process = start(*command, "endless.md", "-q", stdout=subprocess.DEVNULL)
    end = _open_for_writing(pipe, process)
    os.write(end, b"---\n")
    while _unread(end):
        time.sleep(0.001)
    time.sleep(0.05)  # now kg waits for more input; an earlier signal would not wake it
    process.send_signal(signal.SIGINT)
    assert (130, "\nkg: interrupted\n") == ended(process)
    os.close(end)


def _open_for_writing(pipe: Path, reader: subprocess.Popen[str]) -> int:
    while reader.poll() is None:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            assert error.errno == errno.ENXIO  # no reader yet  # noqa: PT017
            time.sleep(0.001)
    raise AssertionError(ended(reader))


def _unread(pipe: int) -> bool:
    """Whether there is something in a pipe."""
    return any(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))


@pytest.mark.parametrize("verb", READING)
@pytest.mark.usefixtures("here")
def test_a_quiet_verb_without_findings_prints_no_message(verb: str) -> None:
    resource = {"explain": ("explain", "topic/ai")}
    result = run(*resource.get(verb, READING[verb]), SEEDS, "-q")
    assert (0, "") == (result.exit_code, result.stderr)


@pytest.mark.parametrize("verb", READING)
@pytest.mark.usefixtures("here")
def test_a_quiet_verb_still_prints_errors(verb: str) -> None:
    result = run(*READING[verb], "good.md", "bad.md", "-q")
    output = result.stdout if verb == "validate" else result.stderr  # the report has every finding
    assert "bad.md:6:20: publishedDateTime: not a date and time: 'soon'\n" in output


@pytest.mark.parametrize("verb", READING)
@pytest.mark.usefixtures("here")
def test_messages_do_not_mix_with_data(verb: str) -> None:
    verbose = run(*READING[verb], "good.md", "-v")
    quiet = run(*READING[verb], "good.md", "-q")
    assert quiet.stdout == verbose.stdout
    assert verbose.stderr.startswith(NOTICE)


@pytest.mark.parametrize("command", ["--help", *(f"{verb} --help" for verb in VERBS)])
def test_requested_help_goes_to_standard_output(command: str) -> None:
    result = run(*command.split())
    assert result.stdout.startswith("Usage: kg")
    assert result.stderr == ""


@pytest.mark.usefixtures("here")
def test_unrequested_help_goes_to_standard_error() -> None:
    assert run().stderr.startswith("Usage: kg")


@pytest.mark.usefixtures("here")
def test_mild_notices_are_counted_and_listed_only_when_verbose() -> None:
    Path("odd.md").write_text(
        ARTICLE.replace("article", "leaflet").format(title="a", date=DATE, path="3")
    )
    Path("odder.md").write_text(
        ARTICLE.replace("article", "leaflet").format(title="b", date=DATE, path="4")
    )
    kind = "no map for type: leaflet, category: news; exported as schema:CreativeWork"
    assert (
        f"notice: {kind} (2 times; -v lists them)\n" in run("export", "odd.md", "odder.md").stderr
    )
    verbose = run("export", "odd.md", "odder.md", "-v").stderr
    assert f"odd.md:3:7: info: type: {kind}\n" in verbose
    assert f"odder.md:3:7: info: type: {kind}\n" in verbose


@pytest.mark.usefixtures("here")
def test_an_export_prints_a_summary_with_its_output_and_skipped_files() -> None:
    Path("note.md").write_text("Just text.\n")
    Path("broken.md").unlink()
    summary = run("export", ".", *BASE, "--no-metadata", "-o", "graph.nt").stderr.splitlines()[-1]
    statements = len(Path("graph.nt").read_text().splitlines())
    assert summary == f"2 records, {statements} statements to graph.nt; 1 file skipped"


PRINTING: Final = (
    *((*words, "good.md", "-q") for words in READING.values()),
    ("diff", "good.md", "own.ttl", "-q"),
    ("queries",),
    ("--help",),
)


@pytest.mark.process
@pytest.mark.parametrize("command", PRINTING, ids=" ".join)
@pytest.mark.usefixtures("here")
def test_a_closed_pipe_is_not_an_error(command: tuple[str, ...]) -> None:
    read, write = os.pipe()
    os.close(read)  # as `| head -1` does
    process = start(*command, stdout=write)
    os.close(write)
    assert (0, "") == ended(process)


@pytest.mark.process
@pytest.mark.parametrize("command", PRINTING, ids=" ".join)
@pytest.mark.usefixtures("here")
def test_a_full_disk_is_reported_in_one_line(command: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        process = start(*command, stdout=full)
    assert (3, "kg: cannot write: No space left on device\n") == ended(process)


@pytest.mark.process
@pytest.mark.usefixtures("here")
def test_shapes_that_cannot_be_run_are_reported_in_one_line() -> None:
    Path("bad.ttl").write_text(SHAPE.replace("sh:pattern", "sh:minCount"))
    process = start("validate", "good.md", "-q", "--no-bundled", "--shapes", "bad.ttl")
    code, stderr = ended(process)
    assert 3 == code
    assert 1 == len(stderr.splitlines())


@pytest.mark.process
def test_reading_only_the_first_line_of_a_long_export_is_not_an_error() -> None:
    process = start("export", SEEDS, "-q", "-f", "ntriples", stdout=subprocess.PIPE)
    assert process.stdout
    first = process.stdout.readline()
    process.stdout.close()
    assert first.startswith("<https://example.org/kg/")
    assert process.stderr
    assert (0, "") == (process.wait(), process.stderr.read())
    process.stderr.close()


@pytest.mark.process
@pytest.mark.parametrize("redirection", [">&-", ">&- 2>&-", "<&- - >&-"])
@pytest.mark.usefixtures("here")
def test_a_closed_standard_output_exits_with_3(redirection: str) -> None:
    assert _shell(f"export good.md -q {redirection}").returncode == 3


@pytest.mark.process
@pytest.mark.usefixtures("here")
def test_a_closed_standard_input_exits_with_3_and_one_line() -> None:
    process = _shell("export - -q <&-")
    assert (3, b"") == (process.returncode, process.stdout)
    assert len(process.stderr.splitlines()) == 1


@pytest.mark.process
@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
@pytest.mark.usefixtures("here")
def test_the_export_continues_if_messages_cannot_be_written(redirection: str) -> None:
    process = _shell(f"export good.md bad.md {redirection}")
    assert process.returncode == 1
    assert b"Council again" in process.stdout


def _shell(command: str) -> subprocess.CompletedProcess[bytes]:
    line = f'exec "{sys.executable}" -m kg {command}'
    return subprocess.run(["bash", "-c", line], capture_output=True, check=False)


RED: Final = "\x1b[31m\x1b[1mkg: \x1b[0m"


@pytest.mark.parametrize(
    ("colored", "options", "env"),
    [
        (False, "", {}),
        (True, "", {"FORCE_COLOR": "1"}),
        (False, "", {"FORCE_COLOR": "1", "NO_COLOR": "1"}),
        (False, "", {"FORCE_COLOR": ""}),
        (True, "--color always", {}),
        (True, "--color always", {"NO_COLOR": "1"}),
        (True, "--color auto", {"FORCE_COLOR": "1"}),
        (False, "--color auto", {}),
        (False, "--color never", {"FORCE_COLOR": "1"}),
    ],
)
def test_messages_are_colored_if_requested(
    colored: bool, options: str, env: Mapping[str, str]
) -> None:
    stderr = run("export", "gone.md", *options.split(), env=env).stderr
    assert colored is stderr.startswith(RED)
    assert colored is ("\x1b" in stderr)


@pytest.mark.parametrize("verb", ["export", "fields", "query", "validate"])
@pytest.mark.usefixtures("here")
def test_data_is_never_colored(verb: str) -> None:
    command = (*READING[verb], "good.md", "-q")
    assert run(*command).stdout == run(*command, "--color", "always").stdout


def _triples(*command: str, stdin: bytes = b"", env: Mapping[str, str] = EMPTY) -> set[str]:
    result = run("export", "-q", "-f", "nt", "--no-metadata", *command, stdin=stdin, env=env)
    assert result.exit_code == 0
    return set(result.stdout.splitlines())


@pytest.mark.usefixtures("here")
def test_without_sources_the_current_folder_is_read() -> None:
    Path("bad.md").unlink()
    Path("broken.md").unlink()
    assert _triples(".") == _triples()


@pytest.mark.parametrize("verb", READING)
@pytest.mark.usefixtures("here")
def test_a_dash_reads_standard_input(verb: str) -> None:
    text = ARTICLE.format(title="Council", date=DATE, path="1").encode()
    result = run(*READING[verb], "-", "-q", stdin=text)
    assert (0, "") == (result.exit_code, result.stderr)
    assert result.stdout != ""


def test_a_finding_on_standard_input_has_its_place() -> None:
    text = ARTICLE.format(title="Cameras", date="soon", path="1").encode()
    stderr = run("export", "-", "-q", stdin=text).stderr
    assert stderr == "-:6:20: publishedDateTime: not a date and time: 'soon'\n"


@pytest.mark.usefixtures("here")
def test_standard_input_is_one_source_among_others() -> None:
    text = ARTICLE.format(title="Cameras", date=DATE, path="3").encode()
    assert _triples("good.md") < _triples("-", "good.md", stdin=text)


@pytest.mark.parametrize("form", ["turtle", "nquads"])
def test_an_export_has_the_same_bytes_however_its_files_are_named(
    form: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    command = ("export", "-q", "-f", form)
    expected = run(*command, SEEDS).stdout_bytes
    files = [str(path) for path in Path(SEEDS).iterdir()]
    assert expected == run(*command, *sorted(files)).stdout_bytes
    assert expected == run(*command, *sorted(files, reverse=True)).stdout_bytes
    assert expected == run(*command, SEEDS, *files, SEEDS).stdout_bytes
    monkeypatch.chdir(SEEDS)
    assert expected == run(*command).stdout_bytes
    assert expected == run(*command, *(path.name for path in Path().iterdir())).stdout_bytes
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere").symlink_to(SEEDS)
    assert expected == run(*command, "elsewhere").stdout_bytes
    assert expected == run(*command, os.path.relpath(SEEDS)).stdout_bytes


def test_the_files_of_a_site_are_named_from_its_root(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "kg.toml").write_text('base-iri = "https://example.org/"\n')
    (tmp_path / "posts" / "2020").mkdir(parents=True)
    for path in ("posts/1.md", "posts/2020/2.md"):
        (tmp_path / path).write_text(ARTICLE.format(title=path, date=DATE, path=path))
    expected = _triples(str(tmp_path))
    assert "<https://example.org/record/posts/2020/2> " in "".join(expected)
    monkeypatch.chdir(tmp_path / "posts" / "2020")
    assert expected == _triples("..")
    assert expected == _triples("2.md", "../1.md")


def _base(*command: str, env: Mapping[str, str] = EMPTY) -> str:
    """The base IRI of an export of good.md."""
    record = next(line for line in _triples("good.md", *command, env=env) if "#source" in line)
    return record[1 : record.index("record/")]


def test_the_base_iri_comes_from_the_option_then_the_environment_then_the_files(here: Path) -> None:
    assert _base() == DEFAULT_BASE
    (here / "_config.yml").write_text("url: https://config.example.org\nbaseurl: /news\n")
    assert _base() == "https://config.example.org/news/"
    (here / "kg.toml").write_text('base-iri = "https://toml.example.org"\n')
    assert _base() == "https://toml.example.org/"
    assert (
        _base(env={"KG_BASE_IRI": "https://environment.example.org/"})
        == "https://environment.example.org/"
    )
    option = ("--base-iri", "https://option.example.org/")
    assert _base(*option, env={"KG_BASE_IRI": "https://environment.example.org/"}) == option[1]


@pytest.mark.usefixtures("here")
def test_a_configured_base_iri_causes_no_notice() -> None:
    assert NOTICE in run("export", "good.md").stderr
    assert NOTICE not in run("export", "good.md", *BASE).stderr
    assert NOTICE not in run("export", "good.md", env={"KG_BASE_IRI": BASE[1]}).stderr
    Path("kg.toml").write_text('base-iri = "https://example.org/"\n')
    assert NOTICE not in run("export", "good.md").stderr


@pytest.mark.usefixtures("here")
def test_the_environment_sets_other_options_too() -> None:
    assert "<http://schema.org/" in "".join(
        _triples("good.md", env={"KG_SCHEMA_NAMESPACE": "http"})
    )
    assert run("export", "good.md", env={"KG_QUIET": "1"}).stderr == ""


@pytest.mark.usefixtures("here")
def test_kg_toml_sets_shapes_topics_title_and_license() -> None:
    Path("kg.toml").write_text(
        'base-iri = "https://example.org/"\ntitle = "A site"\nlicense = "https://example.org/l"\n'
        'topics = "topics.ttl"\nshapes = ["own.ttl"]\n'
    )
    Path("topics.ttl").write_text('<topic/ai> <http://example.org/known> "yes" .')
    graph = Graph().parse(data=run("export", "good.md").stdout, format="turtle")
    objects = {str(term) for term in graph.objects()}
    assert {"A site", "https://example.org/l", "yes"} <= objects
    assert "[cameras]" in run("validate", "good.md").stdout


@pytest.mark.usefixtures("here")
def test_options_name_the_dataset() -> None:
    options = ("--title", "A site", "--license", "https://example.org/l")
    graph = Graph().parse(data=run("export", "good.md", *options).stdout, format="turtle")
    assert {"A site", "https://example.org/l"} <= {str(term) for term in graph.objects()}


@pytest.mark.parametrize(
    "text", ["x = 1", "base-iri = 1", "shapes = [1]", "base-iri = [", "topics = 'gone.ttl'"]
)
def test_a_kg_toml_that_cannot_be_used_is_named(text: str, here: Path) -> None:
    (here / "kg.toml").write_text(text)
    result = run("export", "good.md")
    assert result.exit_code in {2, 3}
    assert re.match(r"kg: (kg\.toml|.*gone\.ttl): ", result.stderr.splitlines()[-1])
