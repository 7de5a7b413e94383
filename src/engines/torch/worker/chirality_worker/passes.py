"""Divides completions into passes: as many at once as a budget of tokens allows."""

from dataclasses import dataclass

from .packing import Group


@dataclass(frozen=True)
class Piece:
    """Some completions of one group: indices into the groups of a call and into the group's completions."""

    group: int
    completions: list[int]


def pieces_of(groups: list[Group]) -> list[Piece]:
    return [Piece(g, list(range(len(group.completions)))) for g, group in enumerate(groups)]


def passes(groups: list[Group], pieces: list[Piece], budget: int) -> list[list[Piece]]:
    """Fills packed rows of at most `budget` positions. A group that is longer by itself is split, down to single
    completions."""
    rows: list[list[Piece]] = []
    room = 0
    for piece in pieces:
        for part in split(groups[piece.group], piece, budget):
            size = places(groups[part.group], part)
            if not rows or size > room:
                rows.append([])
                room = budget
            rows[-1].append(part)
            room -= size
    return rows


def split(group: Group, piece: Piece, budget: int) -> list[Piece]:
    parts: list[list[int]] = []
    room = 0
    for c in piece.completions:
        length = len(group.completions[c]) - 1
        if not parts or length > room:
            parts.append([])
            room = budget - len(group.prefix)
        parts[-1].append(c)
        room -= length
    return [Piece(piece.group, part) for part in parts]


def places(group: Group, piece: Piece) -> int:
    return len(group.prefix) + sum(len(group.completions[c]) - 1 for c in piece.completions)


def cut(groups: list[Group], row: list[Piece]) -> list[Group]:
    """The groups of one packed row."""
    return [
        Group(groups[piece.group].prefix, [groups[piece.group].completions[c] for c in piece.completions])
        for piece in row
    ]
