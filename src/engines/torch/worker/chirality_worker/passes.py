"""Divides completions into passes, each of the maximum size within a token budget."""

from dataclasses import dataclass

from .packing import Group


@dataclass(frozen=True)
class Piece:
    """Completions of one group: index of the group in a call, and indices of its completions."""

    group: int
    completions: list[int]


def pieces_of(groups: list[Group]) -> list[Piece]:
    return [Piece(g, list(range(len(group.completions)))) for g, group in enumerate(groups)]


def passes(groups: list[Group], pieces: list[Piece], budget: int) -> list[list[Piece]]:
    """Fills packed rows of at most `budget` positions. A longer group is split, down to single completions."""
    parts = [part for piece in joined(pieces) for part in split(groups[piece.group], piece, budget)]
    sizes = [places(groups[part.group], part) for part in parts]
    return [[parts[i] for i in row] for row in evenly(sizes, budget)]


def joined(pieces: list[Piece]) -> list[Piece]:
    """Merges the pieces of each group into one, which needs the prompt only once."""
    completions: dict[int, list[int]] = {}
    for piece in pieces:
        completions.setdefault(piece.group, []).extend(piece.completions)
    return [Piece(group, some) for group, some in completions.items()]


def evenly(sizes: list[int], room: int) -> list[list[int]]:
    """Returns as many parts as `filled`, with the smallest possible maximum, because that determines the memory."""
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
    """Returns the indices of sizes in order, in parts that fit into the room. A larger size is a part on its own."""
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
    """Returns the groups of one packed row."""
    return [
        Group(groups[piece.group].prefix, [groups[piece.group].completions[c] for c in piece.completions])
        for piece in row
    ]
