"""Saved questions: one SPARQL file each, with a head that names its parameters.

A file in `queries/` runs as it stands on any SPARQL 1.1 engine. A parameter is one line
``VALUES ?tool { tool:istio }``; binding it puts other terms between the braces, and only terms
that were found in the graph or checked against a datatype, never the text that somebody typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store, Variable

from meshkg.dataset import HOME
from meshkg.errors import UnknownNameError
from meshkg.sparql import select
from meshkg.terms import PREFIXES, short, slug
from meshkg.words import Text

__all__ = ["Parameter", "Question", "bind", "question", "questions", "things"]

_HEAD: Final = re.compile(r"^#\+ ?(.*)$", re.MULTILINE)
_VALUES: Final = re.compile(r"VALUES \?(\w+) \{ ([^{}\n]*) \}")
_FEW: Final = 16
_LONGEST_NAME: Final = 200
_NEAR_ENOUGH: Final = 50

_THINGS: Final = """
SELECT DISTINCT ?thing ?label WHERE {
  ?thing a/rdfs:subClassOf* <%s> ; rdfs:label|skos:altLabel ?label .
}"""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """What a question can be asked about.

    Attributes:
        name: the variable that it stands for.
        title: what people call it.
        kind: IRI of the class whose things it takes, or of a datatype; None with `choices`.
        choices: the closed list of texts that it takes; empty with `kind`.
        many: several values may be given.
        optional: leaving it out restricts nothing.
        default: the terms that the file gives it, as they stand between the braces.
    """

    name: str
    title: Text
    kind: NamedNode | None = None
    choices: tuple[str, ...] = ()
    many: bool = False
    optional: bool = False
    default: str = ""

    @property
    def is_datatype(self) -> bool:
        """Whether it takes a literal such as a date, not a thing of the graph."""
        return self.kind is not None and self.kind.value.startswith(PREFIXES["xsd"])


@dataclass(frozen=True, kw_only=True)
class Question:
    """A saved question.

    Attributes:
        name: the file's name without extension.
        title: a few words.
        description: one sentence.
        group: which list it stands in, such as ``comparison``.
        parameters: in the order of the head.
        text: the whole file, a SPARQL query.
    """

    name: str
    title: Text
    description: Text
    group: str
    parameters: tuple[Parameter, ...]
    text: str

    @classmethod
    def from_file(cls, path: Path) -> Question:
        """Read a question.

        Raises:
            KeyError: the head misses an entry, or names a parameter without a VALUES line.

        >>> Question.from_file(HOME / "queries" / "who-supports.rq").title.en
        'Who supports a responsibility'
        """
        import yaml  # noqa: PLC0415 (start-up speed)

        text = path.read_text(encoding="utf-8")
        head = yaml.safe_load("\n".join(_HEAD.findall(text)))
        defaults = dict(_VALUES.findall(text))
        entries = head["parameters"].items()
        return cls(
            name=path.stem,
            title=_in_both(head, "title"),
            description=_in_both(head, "description"),
            group=head["group"],
            parameters=tuple(_parameter(key, entry, defaults[key]) for key, entry in entries),
            text=text,
        )


def questions(home: Path = HOME) -> dict[str, Question]:
    """Return every saved question by its name.

    Args:
        home: the folder with `queries/`.
    """
    return {path.stem: Question.from_file(path) for path in _files(home)}


def question(name: str, home: Path = HOME) -> Question:
    """Return the saved question of a name.

    Raises:
        UnknownNameError: there is none; the text says which name is nearest.

    >>> question("who-support")
    Traceback (most recent call last):
    meshkg.errors.UnknownNameError: no question "who-support"; did you mean "who-supports"?
    """
    files = {path.stem: path for path in _files(home)}
    if name not in files:
        raise _unknown(Text("no question", "質問"), name, {name: name for name in files})
    return Question.from_file(files[name])


def bind(question: Question, arguments: Mapping[str, Sequence[str]], store: Store) -> str:
    """Return the query of a question with its parameters set.

    Args:
        question: the question.
        arguments: values by the parameter's name: slugs, prefixed names, IRIs or labels. A
            parameter that is not given keeps the file's default; an optional one that is given
            without any value restricts nothing.
        store: the graph that knows the things.

    Raises:
        UnknownNameError: an unknown parameter or value, none where one is needed, several where
            one is allowed.

    >>> from meshkg.dataset import assemble
    >>> query = bind(question("who-supports"), {"responsibility": ["mTLS"]}, assemble())
    >>> "VALUES ?responsibility { <https://w3id.org/meshkg/responsibility/mutual-tls> }" in query
    True
    """
    parameters = {parameter.name: parameter for parameter in question.parameters}
    bound = {}
    for name, values in arguments.items():
        if name not in parameters:
            raise _unknown(
                Text("no parameter", "引数"), name, {known: known for known in parameters}
            )
        terms = " ".join(_terms(parameters[name], values, store))
        bound[name] = f"VALUES ?{name} {{ {terms} }}"
    return _VALUES.sub(lambda block: bound.get(block[1], block[0]), question.text)


def things(parameter: Parameter, values: Sequence[str], store: Store) -> list[NamedNode]:
    """Return the things that values of a parameter name, in the same order.

    Args:
        parameter: one that takes the things of a class.
        values: slugs, prefixed names, IRIs or labels.
        store: the graph that knows the things.

    Raises:
        UnknownNameError: a value names nothing, or several things.
    """
    spellings = _spellings(parameter.kind, store) if parameter.kind else {}
    slugs = {spelling: slug(thing.value) for spelling, thing in spellings.items()}
    for value in values:
        if _key(value) not in spellings:
            raise _unknown(_no_value(parameter), value, slugs)
    return [spellings[_key(value)] for value in values]


def _files(home: Path) -> list[Path]:
    return sorted((home / "queries").glob("*.rq"))


def _in_both(entries: Mapping[str, str], key: str) -> Text:
    return Text(entries[key], entries[f"{key}-ja"])


def _parameter(name: str, entry: dict[str, Any], default: str) -> Parameter:
    kind = entry.get("class") or entry.get("datatype")
    return Parameter(
        name=name,
        title=_in_both(entry, "title"),
        kind=_expand(kind) if kind else None,
        choices=tuple(entry.get("values", ())),
        many=entry.get("many", False),
        optional=entry.get("optional", False),
        default=default,
    )


def _expand(name: str) -> NamedNode:
    prefix, _, local = name.partition(":")
    return NamedNode(PREFIXES[prefix] + local)


def _terms(parameter: Parameter, values: Sequence[str], store: Store) -> Iterable[str]:
    if not values and parameter.optional:
        return ["UNDEF"]
    if not values or (len(values) > 1 and not parameter.many):
        raise UnknownNameError(_number_wanted(parameter))
    if parameter.kind is None:
        return [_choice(parameter, value) for value in values]
    if parameter.is_datatype:
        return [_cast(parameter, parameter.kind, value, store) for value in values]
    return [str(thing) for thing in things(parameter, values, store)]


def _number_wanted(parameter: Parameter) -> Text:
    en, ja = ("one or more values", "値が1つ以上") if parameter.many else ("one value", "値が1つ")
    return Text(f"parameter {parameter.name} takes {en}", f"引数{parameter.name}には{ja}必要です")


def _no_value(parameter: Parameter) -> Text:
    return Text(f"parameter {parameter.name}: unknown value", f"引数{parameter.name}: 値")


def _choice(parameter: Parameter, value: str) -> str:
    if value not in parameter.choices:
        raise _unknown(
            _no_value(parameter), value, {choice: choice for choice in parameter.choices}
        )
    return str(Literal(value))


def _cast(parameter: Parameter, datatype: NamedNode, value: str, store: Store) -> str:
    text = Literal(_printable(value))
    cast = f"SELECT ?text ({datatype}(?text) AS ?value) WHERE {{}}"
    answer = store.query(cast, substitutions={Variable("text"): text})
    term = next(answer)["value"] if isinstance(answer, QuerySolutions) else None
    if term is None:
        raise _unknown(_no_value(parameter), value, {})
    return str(term)


def _spellings(kind: NamedNode, store: Store) -> dict[str, NamedNode]:
    labels: dict[str, set[NamedNode]] = {}
    slugs: dict[str, set[NamedNode]] = {}
    names: dict[str, set[NamedNode]] = {}
    for thing, label in select(store, _THINGS % kind.value):
        labels.setdefault(_key(label.value), set()).add(thing)
        slugs.setdefault(_key(slug(thing.value)), set()).add(thing)
        names |= {_key(thing.value): {thing}, _key(short(thing.value)): {thing}}
    spellings = labels | slugs | names
    return {text: min(things) for text, things in spellings.items() if len(things) == 1}


def _key(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _printable(name: str) -> str:
    return name.encode("utf-8", "replace").decode()  # arguments of a command may hold half signs


def _unknown(lacking: Text, name: str, known: Mapping[str, str]) -> UnknownNameError:
    from rapidfuzz import fuzz, process  # noqa: PLC0415 (needed for bad input only)

    shown = _printable(name[:_LONGEST_NAME])
    en, ja = f'{lacking.en} "{shown}"', f"{lacking.ja}「{shown}」はありません"
    best = process.extractOne(
        _key(shown), list(known), scorer=fuzz.ratio, score_cutoff=_NEAR_ENOUGH
    )
    if best:
        en += f'; did you mean "{known[best[0]]}"?'
        ja += f"。「{known[best[0]]}」のことですか"
    names = sorted(set(known.values()))
    if 0 < len(names) <= _FEW:
        en += f" (known: {', '.join(names)})"
        ja += f" (使えるもの: {'、'.join(names)})"
    return UnknownNameError(Text(en, ja))
