"""YAML as a tree whose every value knows its line.

Data files come from strangers, so nothing is constructed: scalars stay text, anchors and aliases
are refused, and so is nesting deeper than any data file needs. One pass over libyaml's events
where PyYAML has it, else over its own parser's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import yaml

from meshkg.reading.files import refusal
from meshkg.words import Text

__all__ = ["Node", "parse_yaml"]

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST: Final = 32
_NULL: Final = ("", "~", "null", "Null", "NULL")
_NOTHING: Final[dict[str, Node]] = {}


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a YAML file.

    Attributes:
        line: where it begins, 1-based.
        value: the text of a scalar, the parts of a mapping or sequence; None for an empty one.
    """

    line: int
    value: str | dict[str, Node] | list[Node] | None

    def __getitem__(self, name: str) -> Node:
        """Return a part of a mapping; an empty value where there is none."""
        parts = self.value if isinstance(self.value, dict) else _NOTHING
        return parts.get(name) or Node(self.line, None)

    def __iter__(self) -> Iterator[Node]:
        """Go through the values of a sequence; those of any other value are none."""
        return iter(self.value if isinstance(self.value, list) else ())

    @property
    def parts(self) -> dict[str, Node]:
        """The parts of a mapping; none for any other value."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def text(self) -> str:
        """The text of a scalar, without blanks around it; empty for any other value."""
        return self.value.strip() if isinstance(self.value, str) else ""


def parse_yaml(text: str, file: str, *, before: int = 0) -> Node:
    r"""Return the first document of a YAML text.

    Args:
        text: the YAML.
        file: name of the file, for messages.
        before: how many lines of the file stand before the text.

    Raises:
        DocumentError: it is no YAML, or YAML that is refused: an anchor, an alias, a key that
            stands twice in one mapping or is no text, or deep nesting.

    >>> parse_yaml("a:\n- b: 1", "x.yml")["a"].value
    [Node(line=2, value={'b': Node(line=2, value='1')})]
    """
    builder = _Builder(file, before)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
            if builder.root:
                return builder.root
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "unreadable"
        message = Text(f"not YAML: {reason}", f"YAMLとして読めません: {reason}")
        line = mark.line + 1 + before if mark else 0
        raise refusal(file, message, line=line, rule="syntax") from None
    return Node(before + 1, None)


@dataclass(slots=True)
class _Open:
    """A mapping or sequence that has not ended yet; `key` waits for its value."""

    node: Node
    key: str | None = None


class _Builder:
    """Puts the events of one document together."""

    def __init__(self, file: str, before: int) -> None:
        self.file = file
        self.before = before
        self.open: list[_Open] = []
        self.root: Node | None = None

    def take(self, event: yaml.Event) -> None:
        line = self.before + (event.start_mark.line + 1 if event.start_mark else 0)
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            en, ja = "anchors and aliases are not read", "アンカーとエイリアスは読み取りません"
            raise refusal(self.file, Text(en, ja), line=line, rule="alias")
        if isinstance(event, yaml.ScalarEvent):
            empty = event.implicit[0] and event.value in _NULL
            self._put(Node(line, None if empty else event.value))
        elif isinstance(event, yaml.MappingStartEvent):
            self._begin(Node(line, {}))
        elif isinstance(event, yaml.SequenceStartEvent):
            self._begin(Node(line, []))
        elif isinstance(event, yaml.CollectionEndEvent):
            self._put(self.open.pop().node)

    def _begin(self, node: Node) -> None:
        self.open.append(_Open(node))
        if len(self.open) > _DEEPEST:
            en = f"nested more than {_DEEPEST} deep"
            message = Text(en, f"入れ子が{_DEEPEST}段を超えています")
            raise refusal(self.file, message, line=node.line, rule="nesting")

    def _put(self, node: Node) -> None:
        if not self.open:
            self.root = node
            return
        top = self.open[-1]
        if isinstance(top.node.value, list):
            top.node.value.append(node)
        elif isinstance(top.node.value, dict) and top.key is None:
            top.key = self._key(node, top.node.value)
        elif isinstance(top.node.value, dict) and top.key is not None:
            top.node.value[top.key] = node
            top.key = None

    def _key(self, node: Node, known: dict[str, Node]) -> str:
        if node.value is not None and not isinstance(node.value, str):
            message = Text("a key that is no text", "キーが文字列ではありません")
            raise refusal(self.file, message, line=node.line, rule="syntax")
        key = node.value or ""
        if key in known:
            message = Text(f"the key “{key}” stands twice", f"キー「{key}」が重複しています")
            raise refusal(self.file, message, line=node.line, rule="duplicate-key")
        return key
