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
    parts = [part for piece in joined(pieces) for part in split(groups[piece.group], piece, budget)]
    sizes = [places(groups[part.group], part) for part in parts]
    return [[parts[i] for i in row] for row in evenly(sizes, budget)]


def joined(pieces: list[Piece]) -> list[Piece]:
    """Those of one group as one, which needs its prompt only once."""
    completions: dict[int, list[int]] = {}
    for piece in pieces:
        completions.setdefault(piece.group, []).extend(piece.completions)
    return [Piece(group, some) for group, some in completions.items()]


def evenly(sizes: list[int], room: int) -> list[list[int]]:
    """As `filled`, in as many parts, of which the largest is as small as can be: memory is that of the largest."""
    parts = filled(sizes, room)
    low, high = 0, min(room, max(map(sum, ([sizes[i] for i in part] for part in parts)), default=0))
    while low < high:
        middle = (low + high) // 2
        if len(filled(sizes, middle)) > len(parts):
            low = middle + 1
        else:
            high = middle
    return filled(sizes, max(low, 1))


def split(group: Group, piece: Piece, budget: int) -> list[Piece]:
    lengths = [len(group.completions[c]) - 1 for c in piece.completions]
    parts = filled(lengths, budget - len(group.prefix))
    return [Piece(piece.group, [piece.completions[i] for i in part]) for part in parts]


def filled(sizes: list[int], room: int) -> list[list[int]]:
    """The indices of these sizes, in order and in parts that fit into the room. A size that is larger is a part by
    itself."""
    parts: list[list[int]] = []
    left = 0
    for i, size in enumerate(sizes):
        if not parts or size > left:
            parts.append([])
            left = room
        parts[-1].append(i)
        left -= size
    return parts


def places(group: Group, piece: Piece) -> int:
    return len(group.prefix) + sum(len(group.completions[c]) - 1 for c in piece.completions)


def cut(groups: list[Group], row: list[Piece]) -> list[Group]:
    """The groups of one packed row."""
    return [
        Group(groups[piece.group].prefix, [groups[piece.group].completions[c] for c in piece.completions])
        for piece in row
    ]
