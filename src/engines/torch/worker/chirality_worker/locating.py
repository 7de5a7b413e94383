"""Maps tokens to characters of a prompt and of the text that continues it. Characters are counted in UTF-16 units, as
in JavaScript."""

from dataclasses import dataclass
from itertools import accumulate

from .chat import Message
from .errors import WorkerError
from .families.base import Family, Prefix


@dataclass(frozen=True)
class Token:
    """Text token. Tokens of the template belong to no text; their `part` is -1."""

    text: str
    message: int
    part: int
    start: int
    end: int


@dataclass(frozen=True)
class Text:
    """Text of a prompt, with its range in the filled template."""

    message: int
    part: int
    start: int
    end: int


def prompt_tokens(family: Family, prompt: list[Message], prefix: Prefix) -> list[Token]:
    """Returns the text tokens of an encoded prompt in order, without image tokens."""
    rendered = family.text(prompt)
    encoded = family.tokenizer(rendered, add_special_tokens=False, return_offsets_mapping=True)
    pairs = zip(encoded["input_ids"], encoded["offset_mapping"], strict=True)
    shown = [(id, offset) for id, offset in pairs if id not in family.placeholders]
    ids = prefix.ids[~prefix.image_places].tolist()
    # Leading tokens of the tokenizer, such as a start of sequence, are not part of the text.
    front = len(ids) - len(shown)
    if ids[front:] != [id for id, _ in shown]:
        raise WorkerError("cannot-locate", "The tokens of this model's prompt cannot be found in its text.")
    names = [Token(family.tokenizer.convert_ids_to_tokens(id), 0, -1, 0, 0) for id in ids[:front]]
    return names + in_texts(rendered, [offset for _, offset in shown], texts_in(family, prompt, rendered))


def completion_tokens(family: Family, completion: str, message: int) -> tuple[list[Token], list[int]]:
    """Returns the tokens of a text without a template, with the end of sequence, and their ids."""
    encoded = family.tokenizer(completion, add_special_tokens=False, return_offsets_mapping=True)
    end = family.end_ids[0]
    tokens = in_texts(completion, encoded["offset_mapping"], [Text(message, 0, 0, len(completion))])
    last = Token(family.tokenizer.convert_ids_to_tokens(end), message, -1, 0, 0)
    return [*tokens, last], [*encoded["input_ids"], end]


def texts_in(family: Family, prompt: list[Message], rendered: str) -> list[Text]:
    """Finds each text of a prompt in the filled template, by filling it again with marks around every text."""
    mark = next(chr(c) for c in range(0xE000, 0xF8FF) if chr(c) not in rendered)
    marked = [
        {**m, "content": [f"{mark}{part}{mark}" if isinstance(part, str) else part for part in m["content"]]}
        for m in prompt
    ]
    pieces = family.text(marked).split(mark)
    owners = [
        (m, p) for m, message in enumerate(prompt) for p, part in enumerate(message["content"]) if isinstance(part, str)
    ]
    if "".join(pieces) != rendered or len(pieces) != 2 * len(owners) + 1:
        raise WorkerError("cannot-locate", "The chat template of this model changes its texts.")
    ends = list(accumulate(map(len, pieces)))
    return [Text(m, p, ends[2 * i], ends[2 * i + 1]) for i, (m, p) in enumerate(owners)]


def in_texts(rendered: str, offsets: list[tuple[int, int]], texts: list[Text]) -> list[Token]:
    units = [0, *accumulate(2 if ord(c) > 0xFFFF else 1 for c in rendered)]
    tokens: list[Token] = []
    message = 0
    for start, end in offsets:
        of = next((text for text in texts if start < text.end and end > text.start), None)
        if of is None:
            tokens.append(Token(rendered[start:end], message, -1, 0, 0))
            continue
        message = of.message
        first, last = max(start, of.start), min(end, of.end)
        span = (units[first] - units[of.start], units[last] - units[of.start])
        tokens.append(Token(rendered[first:last], of.message, of.part, *span))
    return tokens


def next_word(family: Family, before: str, after: str, word: str) -> int:
    """Returns the first token of a word if it follows `before` in place of the token `after`; keeps a space before
    `after`."""

    def ids_of(text: str) -> list[int]:
        ids: list[int] = family.tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    space = after[: len(after) - len(after.lstrip())]
    ids, longer = ids_of(before), ids_of(before + space + word)
    own = longer[len(ids) :] if longer[: len(ids)] == ids else ids_of(word)
    if not own:
        raise WorkerError("no-word", f'"{word}" has no token.')
    return own[0]
