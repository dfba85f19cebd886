"""Text to fields, and on request a field path to its line and column. Only this module reads YAML.

Scalars become Python values only when that loses nothing: `true`, `false`, null, whole numbers and
decimals that Python writes back in the very same characters. Everything else (`No`, `012`, `1.10`,
`12:30:45`, dates) stays the text it is, and the term it is mapped to decides what it means.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import yaml

from kg.errors import NoFrontMatter, SourceError
from kg.records import FieldPath

MAX_DEPTH: Final = 100
"""Collections within collections; libyaml's composer overruns its stack near 20,000 (measured)."""
MAX_EXPANSION: Final = 100_000
"""Nodes that aliases may add to a document; the largest real one has none."""

_FENCE = re.compile(r"---[ \t]*(?:\r\n|\n|\r|\Z)")
_END = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_DEEP = re.compile(rf"(?:\A|[\n\r\x85\u2028\u2029])[ \t?:\-]{{{MAX_DEPTH // 2},}}")
"""A line that may open many block collections; lines as libyaml counts them."""
_TAG: Final = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Block:
    """YAML text, and the line of the file its first line is (from 1)."""

    text: str
    line: int
    start: int = field(default=0, compare=False)
    """Where in the file's text it starts."""


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document as plain values, and the line of the file it starts on."""

    value: Any
    line: int
    index: int


def decode(data: bytes) -> str:
    """Read bytes as UTF-8, without byte order mark. Raises SourceError at the first bad byte."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode()  # the object is without its mark
        line, column = _position(before, len(before))
        message = f"not UTF-8: byte 0x{error.object[error.start]:02x}; save the file as UTF-8"
        raise SourceError(message, line, column) from error


def block(text: str) -> Block:
    """Return the front matter of a text: what stands between `---` on line 1 and `---` or `...`.

    Raises NoFrontMatter when line 1 is no `---`, SourceError when nothing ends the block.
    """
    start = _FENCE.match(text)
    if not start:
        raise NoFrontMatter("no front matter: line 1 is not ---", 1, 1)
    end = _END.search(text.replace("\r", "\n") if "\r" in text else text, start.end())
    if not end:
        raise SourceError("front matter without end; close it with a line ---", 1, 1)
    return Block(text[start.end() : end.start()], 2, start.end())


def documents(source: Block, withheld: Collection[str] = ()) -> Iterator[Document]:
    """Yield each document of a YAML text. What stands at keys in `withheld` is never read: None.

    Raises SourceError, with its place, for what is not YAML, a repeated key, a tag that would
    construct anything, and aliases that expand beyond MAX_EXPANSION or MAX_DEPTH.
    """
    loader = _Loader(_guarded(source))
    try:
        index = 0
        while loader.check_node():
            node: Any = loader.get_node()
            _Inspection(withheld, source).run(node)
            line = source.line + node.start_mark.line
            yield Document(_construct(loader, node, source), line, index)
            index += 1
    except yaml.YAMLError as error:
        raise _refusal(error, source) from error
    finally:
        loader.dispose()


def _construct(loader: _Loader, node: yaml.Node, source: Block) -> Any:
    try:
        return loader.construct_document(node)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        # An explicit tag on a value that does not fit it: PyYAML's constructors do not check.
        message = "not YAML: an explicit tag does not fit its value"
        raise _error(message, source, node.start_mark.index) from error


class Scalar(NamedTuple):
    """A scalar as it is written: from where to where in the file's text, and in which style.

    The style is one of `'`, `"`, `|` and `>`, or None for a plain scalar. An anchor or tag before
    the scalar is no part of it.
    """

    start: int
    end: int
    style: str | None


_PROPERTIES = re.compile(r"(?:[&!]\S*\s+(?:#[^\r\n]*\s+)*)*")
"""The anchor and the tag of a node, and comments behind them."""


class Positions:
    """Where the values of a YAML text stand: a second look, for the few files that need it.

    Raises SourceError for what is not YAML.
    """

    def __init__(self, source: Block) -> None:
        self._source = source
        try:
            self._documents = list(yaml.compose_all(_guarded(source), _Loader))
        except yaml.YAMLError as error:
            raise _refusal(error, source) from error

    def of(self, document: int, field: FieldPath) -> tuple[int, int]:
        """Return line and column (from 1) of the value at a field path.

        For a field the document lacks: where the mapping starts that should have it.
        """
        node = self._documents[document]
        for part in field:
            child = _child(node, part)
            if child is None:
                break
            node = child
        line, column = _position(self._source.text, node.start_mark.index)
        return line + self._source.line - 1, column

    def scalar(self, document: int, field: FieldPath) -> Scalar | None:
        """Return how the scalar at a field path is written; None when there is none."""
        node: yaml.Node | None = self._documents[document]
        for part in field:
            node = _child(node, part) if node else None
        if not isinstance(node, yaml.ScalarNode):
            return None
        before = _PROPERTIES.match(self._source.text, node.start_mark.index, node.end_mark.index)
        start, end = before.end() if before else node.start_mark.index, node.end_mark.index
        return Scalar(self._source.start + start, self._source.start + end, node.style or None)

    def extents(self, names: Collection[str]) -> Iterator[tuple[int, int]]:
        """Yield from where to where in the file's text each of these keys stands, and its value."""
        nodes: list[Any] = list(self._documents)
        seen: set[int] = set()
        while nodes:
            node = nodes.pop()
            if id(node) in seen or isinstance(node, yaml.ScalarNode):
                continue
            seen.add(id(node))
            if isinstance(node, yaml.SequenceNode):
                nodes += node.value
                continue
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode) and key.value in names:
                    # The end of a block collection is marked where the next thing starts.
                    written = self._source.text[: value.end_mark.index].rstrip()
                    start = self._source.start
                    yield start + key.start_mark.index, start + len(written)
                else:
                    nodes += key, value

    def lines_of(self, names: Collection[str]) -> set[int]:
        """Return the lines of the file on which a value at one of these keys stands, or its key."""
        lines: set[int] = set()
        for extent in self.extents(names):
            first, last = (
                _position(self._source.text, end - self._source.start)[0] + self._source.line - 1
                for end in extent
            )
            lines |= set(range(first, last + 1))
        return lines


def _child(node: yaml.Node, part: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
        return node.value[part] if part < len(node.value) else None
    if not isinstance(node, yaml.MappingNode):
        return None
    merged: list[yaml.Node] = []
    for key, value in node.value:
        if key.tag == f"{_TAG}merge":
            merged += value.value if isinstance(value, yaml.SequenceNode) else [value]
        elif key.value == str(part):
            return value  # type: ignore[no-any-return] # PyYAML leaves nodes untyped
    found = (_child(mapping, part) for mapping in merged)
    return next((child for child in found if child is not None), None)


def _position(text: str, index: int) -> tuple[int, int]:
    """Count lines as editors do: libyaml also counts U+0085 and U+2028."""
    before = text[:index].replace("\r\n", "\n").replace("\r", "\n")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _guarded(source: Block) -> str:
    """Refuse nesting that would overrun libyaml's stack, before anything recurses into it."""
    text = source.text
    if text.count("[") + text.count("{") < MAX_DEPTH and not _DEEP.search(text):
        return text
    depth = 0
    event: Any  # PyYAML's stubs let a mark be missing
    try:
        for event in yaml.parse(text, _Loader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise _error(_TOO_DEEP, source, event.start_mark.index)
    except yaml.YAMLError as error:
        raise _refusal(error, source) from error
    return text


_TOO_DEEP: Final = f"nested deeper than {MAX_DEPTH} levels"


def _refusal(error: yaml.YAMLError, source: Block) -> SourceError:
    mark = getattr(error, "problem_mark", None)
    if isinstance(error, yaml.reader.ReaderError):  # it counts bytes
        index = len(source.text.encode()[: error.position].decode(errors="ignore"))
        return _error(f"not YAML: {error.reason}", source, index)
    index = mark.index if mark else 0
    problem = str(getattr(error, "problem", None) or "not readable")
    if source.text[index : index + 1] == "\t":
        problem = "a tab where only spaces may indent; use spaces"
    elif problem.startswith("could not determine a constructor"):
        problem = "a tag that would construct something; only plain values are read"
    return _error(f"not YAML: {problem}", source, index)


def _error(message: str, source: Block, index: int) -> SourceError:
    line, column = _position(source.text, index)
    return SourceError(message, line + source.line - 1, column)


class _Loader(yaml.CSafeLoader):
    """libyaml with the implicit types that keep a scalar's spelling, and no others."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


def _exact_float(_loader: _Loader, node: yaml.ScalarNode) -> float | str:
    number = float(node.value)
    return number if repr(number) == node.value else str(node.value)


_Loader.add_constructor(f"{_TAG}float", _exact_float)
_Loader.add_constructor(f"{_TAG}timestamp", lambda _loader, node: str(node.value))
for _name, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", [*"~nN", ""]),
    ("bool", r"true|false", [*"tf"]),
    ("int", r"0|-?[1-9][0-9]{0,17}", [*"-0123456789"]),
    ("float", r"-?(?:0|[1-9][0-9]*)\.[0-9]+", [*"-0123456789"]),
    ("merge", r"<<", ["<"]),
):
    _Loader.add_implicit_resolver(f"{_TAG}{_name}", re.compile(rf"(?:{_pattern})\Z"), _first)


_WORD = re.compile(r"[\w.\-]{1,40}\Z")
"""A key that can be shown: a longer one may be a withheld value that slipped."""


_BASE64: Final = "[A-Za-z0-9+/]{40}"


class _Inspection:
    """One look at each node of a document before anything is constructed from it."""

    def __init__(self, withheld: Collection[str], source: Block) -> None:
        self.withheld = withheld
        self.source = source
        self.sizes: dict[int, tuple[int, int]] = {}
        self.nodes = 0
        self.secret: dict[int, yaml.Node] = {}  # holds the nodes: an id is reused when one goes
        names = "|".join(re.escape(name) for name in withheld)
        # The name, then soon a run of base64: a headline that says "secured:" has no such run.
        swallowed = rf"""(?s)(?:{names})["']?\s*:.{{0,80}}?{_BASE64}"""
        self.swallowed = re.compile(swallowed) if names else None

    def run(self, node: yaml.Node) -> None:
        size, _ = self._visit(node)
        if size - self.nodes > MAX_EXPANSION:
            message = f"aliases add more than {MAX_EXPANSION:,} nodes"
            raise self._error(message, node)
        if not self.secret.keys().isdisjoint(self.sizes):
            raise self._error("an alias repeats a value that is withheld", node)

    def _visit(self, node: yaml.Node) -> tuple[int, int]:
        """Return how many nodes stand here and below, aliases written out, and how deep."""
        known = self.sizes.get(id(node))
        if known:
            return known
        self.nodes += 1
        if (
            self.swallowed
            and isinstance(node, yaml.ScalarNode)
            and self.swallowed.search(node.value)
        ):
            # One stray quote or indent is enough, and libyaml sees nothing wrong with it.
            raise self._error(
                "this value takes in a withheld field; mend its quotes or indent", node
            )
        self.sizes[id(node)] = (0, MAX_DEPTH + 1)  # what an alias to its own ancestor meets
        size, depth = 1, 0
        for child in self._children(node):
            below, deep = self._visit(child)
            size, depth = size + below, max(depth, deep + 1)
            if depth > MAX_DEPTH:
                raise self._error(_TOO_DEEP, child)
        self.sizes[id(node)] = (size, depth)
        return size, depth

    def _children(self, node: yaml.Node) -> Iterator[yaml.Node]:
        if isinstance(node, yaml.SequenceNode):
            yield from node.value
        elif isinstance(node, yaml.MappingNode):
            self._withhold(node)
            self._refuse_repeated_keys(node)
            for key, value in node.value:
                yield key
                yield value

    def _withhold(self, node: yaml.MappingNode) -> None:
        kept = []
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in self.withheld:
                self._keep_secret(value)
                nothing = yaml.ScalarNode(f"{_TAG}null", "", value.start_mark, value.end_mark)
                kept.append((key, nothing))
            else:
                kept.append((key, value))
        node.value = kept

    def _keep_secret(self, node: yaml.Node) -> None:
        if id(node) in self.secret:
            return
        self.secret[id(node)] = node
        if isinstance(node, yaml.CollectionNode):
            for child in node.value:
                for part in child if isinstance(child, tuple) else (child,):
                    self._keep_secret(part)

    def _refuse_repeated_keys(self, node: yaml.MappingNode) -> None:
        seen: set[tuple[str, str]] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if self.withheld and re.search(_BASE64, key.value):
                raise self._error("a key that may be a withheld value; mend what is before it", key)
            name = (key.tag, "" if key.tag == f"{_TAG}null" else key.value)
            if name in seen:
                which = f"the key {key.value!r}" if _WORD.match(key.value) else "a key"
                raise self._error(f"{which} stands here twice; keep one", key)
            seen.add(name)

    def _error(self, message: str, node: yaml.Node) -> SourceError:
        return _error(message, self.source, node.start_mark.index)
