"""Records that are read when they are asked for, and the frames of other libraries made of them."""

import itertools
import json
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

if TYPE_CHECKING:
    import datasets
    import pandas
    import polars

Record = dict[str, Any]
R = TypeVar("R", bound=Record)

CHUNK = 20_000
"""Records of which a frame is made at a time: a frame's columns take less memory than the records themselves."""


class Table(Iterable[R], Generic[R]):
    """Records that can be gone through as often as wanted; each time they are read again, one by one.

    `len` and an index read the file, too: a list is faster for more than a few of them.
    """

    def __init__(self, records: Callable[[], Iterator[R]]) -> None:
        self._records = records

    def __iter__(self) -> Iterator[R]:
        return self._records()

    def __len__(self) -> int:
        return sum(1 for _ in self._records())

    def __bool__(self) -> bool:
        return next(self._records(), None) is not None

    @overload
    def __getitem__(self, at: int) -> R: ...

    @overload
    def __getitem__(self, at: slice) -> list[R]: ...

    def __getitem__(self, at: int | slice) -> R | list[R]:
        if isinstance(at, slice) or at < 0:
            return [*self._records()][at]
        for record in itertools.islice(self._records(), at, None):
            return record
        raise IndexError(f"There is no record {at}: there are {len(self)}.")

    def to_pandas(self) -> "pandas.DataFrame":
        """A pandas.DataFrame, one row a record. Columns that a record lacks are empty there."""
        import pandas

        frames = [pandas.DataFrame(chunk) for chunk in chunks(self)]
        return pandas.concat(frames, ignore_index=True) if frames else pandas.DataFrame()

    def to_polars(self) -> "polars.DataFrame":
        """A polars.DataFrame, one row a record. Numbers become texts where a column, or a list, has both."""
        import polars

        frames = [polars.DataFrame(chunk, infer_schema_length=None, strict=False) for chunk in chunks(self)]
        return polars.concat(frames, how="diagonal_relaxed") if frames else polars.DataFrame()

    def to_dataset(self) -> "datasets.Dataset":
        """A datasets.Dataset, one row a record."""
        import datasets

        return datasets.Dataset.from_list([*self._records()])


def listed(given: Iterable[Any], name: str) -> list[Any]:
    """The things of a list. Raises TypeError for one thing that Python would take apart: a text, or a record."""
    if isinstance(given, str | bytes | dict):
        raise TypeError(f"{name} is a list: put the one {type(given).__name__} into one, [{name}].")
    return [*given]


def chunks(records: Iterable[R]) -> Iterator[list[R]]:
    chunk: list[R] = []
    for record in records:
        chunk.append(record)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def read_lines(path: Path, follow: bool = False) -> Iterator[Record]:
    """The JSON objects of a file of lines. A line that is none is left out, with a warning that names it.

    Bytes that are not UTF-8 are shown as U+FFFD, with such a warning.
    follow: the file may be being written, so a last line without a line break is left out silently.
    """
    with path.open("rb") as file:
        for number, encoded in enumerate(file, 1):
            line = encoded.decode("utf-8-sig" if number == 1 else "utf-8", "replace")
            if "\ufffd" in line and "\ufffd".encode() not in encoded:
                warnings.warn(f"{path}:{number} has bytes that are not UTF-8.", stacklevel=2)
            if not line.strip() or (follow and not line.endswith("\n")):
                continue
            try:
                record = json.loads(line)
            except ValueError as error:
                warnings.warn(f"{path}:{number} is left out, because it is not JSON ({error}).", stacklevel=2)
                continue
            if isinstance(record, dict):
                yield record
            else:
                warnings.warn(f"{path}:{number} is left out, because it is not an object.", stacklevel=2)
