"""Records that are read on demand, and their conversion to data frames of other libraries."""

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
"""Number of records per partial frame. The columns of a frame take less memory than the records themselves."""


class Table(Iterable[R], Generic[R]):
    """Records that can be iterated repeatedly; each iteration reads them again, one by one.

    `len` and indexing also read the file: a list is faster for more than a few records.
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
        """Returns a pandas.DataFrame, one row per record. Columns that a record lacks are empty there."""
        import pandas

        frames = [pandas.DataFrame(chunk) for chunk in chunks(self)]
        return pandas.concat(frames, ignore_index=True) if frames else pandas.DataFrame()

    def to_polars(self) -> "polars.DataFrame":
        """Returns a polars.DataFrame, one row per record. Numbers become strings in columns or lists that have both."""
        import polars

        frames = [polars.DataFrame(chunk, infer_schema_length=None, strict=False) for chunk in chunks(self)]
        return polars.concat(frames, how="diagonal_relaxed") if frames else polars.DataFrame()

    def to_dataset(self) -> "datasets.Dataset":
        """Returns a datasets.Dataset, one row per record."""
        import datasets

        return datasets.Dataset.from_list([*self._records()])


def listed(given: Iterable[Any], name: str) -> list[Any]:
    """Returns the items of a list. Raises TypeError for a single text or record, which Python would iterate over."""
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
    """Yields the JSON objects of a file of lines. Skips other lines, with a warning that contains the line number.

    Bytes that are not UTF-8 are shown as U+FFFD, also with a warning.
    follow: another process might be writing the file, so a last line without a line break is skipped silently.
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
