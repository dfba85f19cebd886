"""Files and folders of git revisions, and `kg diff --git`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

import pytest
from click.testing import CliRunner, Result

from kg.cli import kg
from kg.model.errors import SourceError
from kg.sources.discovery import discover_sources
from kg.sources.revisions import checkout_revision

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(not shutil.which("git"), reason="git is not installed"),
]

Commit: TypeAlias = Callable[[Mapping[str, str]], None]

ARTICLE: Final = """\
---
category: news
type: article
title: {title}
publishedDateTime: 2020-07-03T05:43:00Z
webUrl: https://a.example/1
provider: {{name: A, domain: a.example}}
topics: [AI]
---
"""
OLD: Final = ARTICLE.format(title="Old")
NEW: Final = ARTICLE.format(title="New")


@pytest.fixture
def commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commit:
    """Write files into a repository, which is the current folder, and commit them."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name, value in {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@a.example",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@a.example",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    git("init", "--quiet", "--initial-branch", "main")

    def commit_files(files: Mapping[str, str]) -> None:
        for name, text in files.items():
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_text(text)
        git("add", "--all", ".")
        git("commit", "--quiet", "--message", "A")

    return commit_files


def git(*words: str) -> None:
    subprocess.run(["git", *words], check=True)


def texts_at(revision: str, path: str) -> dict[str, str]:
    """Return the content of each source at a revision, by its name."""
    with checkout_revision(revision, path) as (_, sources):
        return {source.name: (source.content or b"").decode() for source in sources}


def diff(*words: str) -> Result:
    return CliRunner().invoke(kg, ["diff", *words])


# ---- the content of a revision


def test_a_revision_has_the_committed_content(commit: Commit) -> None:
    commit({"a.md": OLD, "b.yaml": "title: B\n", "image.png": "no text"})
    commit({"a.md": NEW})
    assert {"a.md": OLD, "b.yaml": "title: B\n"} == texts_at("HEAD~1", ".")
    assert {"a.md": NEW, "b.yaml": "title: B\n"} == texts_at("main", ".")


@pytest.mark.parametrize("path", [".", "site", "site/news", "site/news/a.md", "other"])
@pytest.mark.parametrize(
    "settings", ["kg.toml", "_config.yml", "site/_config.yml", "site/news/kg.toml"]
)
def test_sources_have_the_names_of_the_working_tree(
    commit: Commit, path: str, settings: str
) -> None:
    commit({"site/news/a.md": OLD, "site/b.md": OLD, "other/c.md": OLD, settings: ""})
    assert [source.name for source in discover_sources([path])] == list(texts_at("HEAD", path))


def test_the_settings_are_those_of_the_revision(commit: Commit) -> None:
    commit({"site/a.md": OLD})
    commit({"kg.toml": "base-iri = 'https://a.example/'\n"})
    assert [["a.md"], ["site/a.md"]] == [
        list(texts_at(revision, "site")) for revision in ("HEAD~1", "HEAD")
    ]


def test_sources_have_the_names_of_git(commit: Commit) -> None:
    commit({"site/a.md": OLD})
    with checkout_revision("HEAD", "site") as (_, sources):
        assert ["HEAD:site/a.md"] == [source.path for source in sources]


def test_the_path_may_be_absolute_and_deleted(commit: Commit, tmp_path: Path) -> None:
    commit({"site/a.md": OLD})
    shutil.rmtree("site")
    assert {"a.md": OLD} == texts_at("HEAD", str(tmp_path / "site"))


def test_the_current_folder_may_be_below_the_root(
    commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit({"site/news/a.md": OLD, "b.md": OLD})
    monkeypatch.chdir("site")
    assert [{"a.md": OLD}, {"news/a.md": OLD}] == [texts_at("HEAD", "news"), texts_at("HEAD", ".")]


def test_files_have_the_content_that_git_writes(commit: Commit) -> None:
    commit({"a.md": OLD, ".gitattributes": "*.md text eol=crlf export-ignore\n"})
    Path("a.md").unlink()
    git("checkout", "--", "a.md")
    with checkout_revision("HEAD", ".") as (_, sources):
        assert [Path("a.md").read_bytes()] == [source.content for source in sources]


def test_names_may_be_of_any_characters(commit: Commit) -> None:
    commit({"site é/a 'b'\t.md": OLD})
    assert {"a 'b'\t.md": OLD} == texts_at("HEAD", "site é")


def test_the_index_of_the_repository_is_unchanged(commit: Commit) -> None:
    commit({"a.md": OLD})
    before = Path(".git/index").read_bytes()
    texts_at("HEAD", ".")
    assert before == Path(".git/index").read_bytes()


def test_only_relevant_files_are_written(commit: Commit) -> None:
    commit({"site/a.md": OLD, "site/b.png": "", "c.md": OLD, "d.ttl": "", "e/kg.toml": ""})
    with checkout_revision("HEAD", "site") as (copy, _):
        paths = (path for path in Path(copy).parent.rglob("*") if path.is_file())
        assert {"a.md", "d.ttl", "kg.toml"} == {path.name for path in paths}


def test_a_broken_link_is_a_finding(commit: Commit) -> None:
    Path("b.md").symlink_to("nothing")
    commit({"a.md": OLD})
    assert diff("--git", "HEAD").stderr.startswith("HEAD:b.md: cannot be read: ")


def test_no_settings_are_found_around_the_copy(
    commit: Commit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit({"site/a.md": OLD})
    (tmp_path / "temporary").mkdir()
    (tmp_path / "temporary/kg.toml").touch()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    assert {"a.md": OLD} == texts_at("HEAD", "site")


def test_the_copy_is_deleted(commit: Commit) -> None:
    commit({"a.md": OLD})
    with checkout_revision("HEAD", "a.md") as (copy, _):
        assert OLD == Path(copy).read_text()
    assert not Path(copy).exists()


def test_a_hook_sees_the_repository_of_the_path(
    commit: Commit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit({"a.md": OLD})
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "nothing"))
    assert {"a.md": OLD} == texts_at("HEAD", ".")


@pytest.mark.parametrize("revision", ["nope", "--help", "--since=2020", "", "HEAD:a.md", "HEAD~9"])
def test_an_unknown_revision_is_named(commit: Commit, revision: str) -> None:
    commit({"a.md": OLD})
    with pytest.raises(SourceError, match=r"^a.md: its git repository has no revision '"):
        texts_at(revision, "a.md")


def test_a_path_that_the_revision_does_not_have_is_named(commit: Commit) -> None:
    commit({"a.md": OLD})
    commit({"site/a.md": OLD})
    with pytest.raises(SourceError, match=r"^HEAD~1:site: no such file or folder$"):
        texts_at("HEAD~1", "site")


def test_a_folder_in_no_repository_is_reported(
    commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit({"a.md": OLD})
    shutil.rmtree(".git")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(Path.cwd().parent))
    with pytest.raises(SourceError, match=r"^git: not a git repository"):
        texts_at("HEAD", ".")


def test_git_may_be_missing(commit: Commit, monkeypatch: pytest.MonkeyPatch) -> None:
    commit({"a.md": OLD})
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SourceError, match=r"^git is not installed, so no revision can be read$"):
        texts_at("HEAD", ".")


# ---- the command


def test_the_working_tree_is_compared_with_a_revision(commit: Commit) -> None:
    commit({"site/a.md": OLD, "site/_config.yml": "url: https://a.example\n"})
    Path("site/a.md").write_text(NEW)
    result = diff("--git", "HEAD", "site")
    assert "1 news article renamed, 1 file changed" == result.stdout.split("\n\n")[0]
    assert (1, "3 statements added, 3 removed\n") == (result.exit_code, result.stderr)
    assert '+ schema:headline "New"\n' in result.stdout


@pytest.mark.parametrize(
    ("revisions", "changes"),
    [
        ("HEAD~1..HEAD", "- Old + New"),
        ("HEAD~1..", "- Old + New"),
        ("..HEAD~1", "- New + Old"),
        ("..", ""),
        ("", "- New + Newer"),
        ("HEAD~1", "- Old + Newer"),
    ],
)
def test_two_revisions_are_compared(commit: Commit, revisions: str, changes: str) -> None:
    commit({"site/a.md": OLD})
    commit({"site/a.md": NEW})
    Path("site/a.md").write_text(ARTICLE.format(title="Newer"))
    headlines = re.findall(r'([-+]) schema:headline "(.*)"\n', diff("--git", revisions).stdout)
    assert changes == " ".join(f"{sign} {title}" for sign, title in headlines)


def test_the_topics_file_is_that_of_the_revision(commit: Commit) -> None:
    topics = "<topic/ai> <https://schema.org/sameAs> <https://{}.example/> .\n"
    settings = "topics = 'known/topics.ttl'\n"
    commit({"site/a.md": OLD, "kg.toml": settings, "known/topics.ttl": topics.format("a")})
    commit({"known/topics.ttl": topics.format("b")})
    result = diff("--git", "HEAD~1..HEAD", "site")
    assert (
        "- schema:sameAs <https://a.example/>\n+ schema:sameAs <https://b.example/>"
        in result.stdout
    )


def test_an_rdf_file_has_revisions_too(commit: Commit) -> None:
    commit({"a.ttl": "<a:s> <a:p> 1 .\n"})
    commit({"a.ttl": "<a:s> <a:p> 2 .\n"})
    assert "<a:s>\n- <a:p> 1\n+ <a:p> 2\n" in diff("--git", "HEAD~1", "a.ttl").stdout


def test_findings_name_revision_file_line_and_column(commit: Commit) -> None:
    commit({"site/a.md": OLD, "site/b.md": NEW.replace("2020-07-03T05:43:00Z", "yesterday")})
    result = diff("--git", "HEAD", "site", "-q")
    assert [
        f"{path}:5:20: publishedDateTime: not a date and time: 'yesterday'"
        for path in ("HEAD:site/b.md", "site/b.md")
    ] == result.stderr.splitlines()
    assert 1 == result.exit_code


def test_settings_that_cannot_be_read_are_named_in_their_revision(commit: Commit) -> None:
    commit({"a.md": OLD, "kg.toml": "base-iri = 1\n"})
    result = diff("--git", "HEAD")
    assert "kg: HEAD:kg.toml: base-iri: expected a text, not 1\n" == result.stderr
    assert 2 == result.exit_code


def test_a_revision_without_sources_is_named(commit: Commit) -> None:
    commit({"a.png": ""})
    result = diff("--git", "HEAD")
    assert "kg: no sources in HEAD: no Markdown, text or YAML files there\n" == result.stderr
    assert 3 == result.exit_code


def test_git_takes_one_path(commit: Commit) -> None:
    commit({"a.md": OLD})
    assert 2 == diff("--git", "HEAD", "a.md", "a.md").exit_code
