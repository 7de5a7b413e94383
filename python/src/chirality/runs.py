"""Run folders, which trainings write (docs/reference.md, Run folder)."""

import html
import json
import math
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from chirality.pictures import Html, Shown, as_text, open_image, picture_file, show
from chirality.tables import Record, Table, listed, read_lines

# Views that show the images of a row in another order.
ORDERS = ("reverse", "exchange", "repeat", "every", "shuffle")


@dataclass(frozen=True)
class Completion:
    """Completion of one prompt, with its rewards. `record` has every field of the trace."""

    record: Record
    arrays: Path

    @property
    def text(self) -> str:
        """Text of the last stage, which contains the answer."""
        return str(self.record["segments"][-1]["text"])

    @property
    def tokens(self) -> np.ndarray[Any, np.dtype[np.int32]]:
        return self._array("tokens", "<i4")

    @property
    def logprobs(self) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Log-probabilities of the sampled tokens under the model that sampled them."""
        return self._array("logprobs", "<f4")

    @property
    def entropies(self) -> np.ndarray[Any, np.dtype[np.float32]]:
        return self._array("entropies", "<f4")

    def _array(self, name: str, kind: str) -> Any:
        parts = [segment[name] for segment in self.record["segments"] if name in segment]
        if not parts:
            raise KeyError(f"The trace holds no {name} of this completion.")
        read = [np.fromfile(self.arrays, dtype=kind, count=part["n"], offset=part["at"]) for part in parts]
        if any(len(array) != part["n"] for array, part in zip(read, parts, strict=True)):
            raise ValueError(f"{self.arrays} ends before the {name} of this completion.")
        return np.concatenate(read)

    def flat(self) -> Record:
        """Returns the fields on one level, with rewards as `rewards.<name>`."""
        kept = ("answer_text", "right", "penalty", "reward", "advantage")
        return {
            **{name: self.record.get(name) for name in kept},
            **{f"rewards.{name}": part["value"] for name, part in (self.record.get("rewards") or {}).items()},
            "text": self.text,
        }


@dataclass(frozen=True)
class PairView:
    """View of a pair: its question, and the group of its completions."""

    record: Record
    arrays: Path

    @property
    def view(self) -> str:
        return str(self.record["view"])

    @property
    def completions(self) -> list[Completion]:
        return [Completion(one, self.arrays) for one in self.record["group"]]


@dataclass(frozen=True)
class Pair:
    """Row in two views, with both groups. `record` has every field of the trace (docs/reference.md, Trace)."""

    record: Record
    run: "Run"

    @property
    def views(self) -> list[PairView]:
        arrays = self.run.folder / "traces" / f"step-{self.record['step']:06d}.bin"
        return [PairView(one, arrays) for one in self.record["views"]]

    @property
    def verdict(self) -> str | None:
        return self.record.get("verdict")

    def show(self, data_root: str | Path | None = None) -> Html:
        """Shows both views with their images, differing words, and every completion with its reward and advantage.

        data_root: the folder of the images, if it differs from the run's manifest.
        """
        heading = [f"step {self.record['step']}, {self.record['sample']}", str(self.verdict or "")]
        penalised = self.record.get("penalised")
        if penalised is not None:
            heading.append(f"Δ {self.record['delta']:.3f}, {penalised} penalised")
        return show([self._shown(view, data_root) for view in self.views], " · ".join(filter(None, heading)))

    def _shown(self, view: PairView, data_root: str | Path | None) -> Shown:
        try:
            pictures, lack = self.run.pictures(view.record, data_root), ""
        except (OSError, ValueError) as error:
            pictures, lack = [], str(error)
        lines = [
            f"{'✓' if one.record.get('right') else '✗'} {one.text} "
            f"(reward {_number(one.record.get('reward'))}, advantage {_number(one.record.get('advantage'))})"
            for one in view.completions
        ]
        question, answer = (as_text(view.record.get(name)) for name in ("question", "answer"))
        return Shown(view.view, pictures, question, answer, lines=lines, lack=lack)


@dataclass(frozen=True)
class Evaluation:
    """Evaluation: `rows` are its completions, `results` its metrics, `manifest` its settings."""

    folder: Path

    @property
    def rows(self) -> Table[Record]:
        return _lines(self.folder / "rows.jsonl")

    @property
    def results(self) -> Table[Record]:
        path = self.folder / "results.json"
        return Table(lambda: iter(_parsed(path) if path.is_file() else []))

    @property
    def manifest(self) -> Record:
        return _json(self.folder / "manifest.json")


@dataclass(frozen=True)
class Run:
    """Folder of a run, which can still be in progress."""

    folder: Path

    @cached_property
    def manifest(self) -> Record:
        return _json(self.folder / "manifest.json")

    @property
    def state(self) -> Record:
        """Current status, phase and step."""
        return _json(self.folder / "state.json")

    @property
    def config(self) -> str:
        """Text of run.yaml, with all defaults."""
        return (self.folder / "run.yaml").read_text(encoding="utf-8")

    def metrics(self) -> Table[Record]:
        """Returns metrics, one record per step (docs/training.md)."""
        return self._lines("metrics.jsonl")

    def timings(self) -> Table[Record]:
        return self._lines("timings.jsonl")

    def events(self) -> Table[Record]:
        return self._lines("events.jsonl")

    def steps(self) -> list[int]:
        """Returns the steps with a trace."""
        return sorted(int(path.stem.removeprefix("step-")) for path in self.folder.glob("traces/step-*.jsonl"))

    def pairs(self, step: int | None = None) -> Iterator[Pair]:
        """Yields the traced pairs, of one step or of all steps."""
        for one in self.steps() if step is None else [step]:
            path = self.folder / "traces" / f"step-{one:06d}.jsonl"
            if not path.is_file():
                raise FileNotFoundError(f"{self.folder} has no trace of step {one}.")
            for record in read_lines(path, follow=True):
                if isinstance(record.get("views"), list) and {"step", "sample"} <= record.keys():
                    yield Pair(record, self)
                else:
                    warnings.warn(f"{path}: a line that is not a pair is left out.", stacklevel=2)

    def completions(self, step: int | None = None) -> Table[Record]:
        """Returns one record per traced completion: step, pair, sample, view, its rewards, penalty and advantage."""

        def records() -> Iterator[Record]:
            for pair in self.pairs(step):
                about = {name: pair.record.get(name) for name in ("step", "pair", "sample", "verdict", "delta")}
                for view in pair.views:
                    for index, one in enumerate(view.completions):
                        yield {**about, "view": view.view, "completion": index, **one.flat()}

        return Table(records)

    def evaluations(self) -> dict[str, Evaluation]:
        """Returns evaluations by name; quick checks have the name of their step."""
        folders = sorted(path.parent for path in self.folder.glob("eval/*/manifest.json"))
        return {folder.name: Evaluation(folder) for folder in folders}

    def pictures(self, view: Record, data_root: str | Path | None = None) -> list[Image.Image]:
        """Returns the images of a traced view, mirrored for a mirror, from the data or from the run's own folder.

        Raises ValueError if reading them is not allowed.
        """
        parts = {part.split(":")[0] for part in view["view"].split("+")}
        if not parts <= {"original", "mirror", *ORDERS}:
            return [open_image(self.folder, image) for image in view["images"]]
        opened = [open_image(self._root_of(image, data_root), image) for image in view["images"]]
        return [ImageOps.mirror(picture) for picture in opened] if "mirror" in parts else opened

    def _root_of(self, image: Any, data_root: str | Path | None) -> Path:
        """Returns the folder of an image. The images of an imported run are in the run folder."""
        try:
            root = Path(data_root) if data_root is not None else self._root()
            if picture_file(root, image).is_file():
                return root
            own = picture_file(self.folder, image)
            return self.folder if own.is_file() else root
        except ValueError:
            if picture_file(self.folder, image).is_file():
                return self.folder
            raise

    def _root(self) -> Path:
        """Returns the manifest's data root. Runs are untrusted, so it must be in the current or the run folder."""
        root = Path(str(self.manifest.get("data_root", ".")))
        near = (Path.cwd(), self.folder.resolve())
        if not any(root.resolve().is_relative_to(place) for place in near):
            raise ValueError(f"The run says that its images are in {root}: pass data_root to read them there.")
        return root

    def _lines(self, name: str) -> Table[Record]:
        return _lines(self.folder / name)

    def plot(self, names: Sequence[str] = ("reward",), width: int = 480, height: int = 160) -> Html:
        """Plots metrics over the steps, each scaled to its own range, as an image for a notebook."""
        records = list(self.metrics())
        known = sorted({name for one in records for name in one})
        parts: list[str] = []
        for name in listed(names, "names"):
            points = [(one["step"], one[name]) for one in records if _is_number(one.get("step"), one.get(name))]
            if not points:
                raise KeyError(f"{self.folder.name} has no metric {name!r}, but {', '.join(known) or 'none yet'}.")
            (x0, x1), (y0, y1) = (_range([point[at] for point in points]) for at in (0, 1))
            path = " ".join(
                f"{(x - x0) / (x1 - x0) * width:.1f},{height - (y - y0) / (y1 - y0) * height:.1f}" for x, y in points
            )
            parts.append(
                f'<figure><svg width="{width}" height="{height}" viewBox="-2 -2 {width + 4} {height + 4}">'
                f'<polyline points="{path}" fill="none" stroke="#1f77b4" stroke-width="1.5"/></svg>'
                f"<figcaption>{html.escape(name)}: {y0:.4g} to {y1:.4g}, steps {x0} to {x1}</figcaption></figure>"
            )
        return Html("".join(parts))


def read_run(folder: str | Path) -> Run:
    """Opens a run's folder. Raises FileNotFoundError if the folder is not a run."""
    path = Path(folder)
    if not (path / "manifest.json").is_file():
        raise FileNotFoundError(
            f"{folder} is not a run: it has no manifest.json. `chirality import` makes one of another program's."
        )
    run = Run(path)
    if "recipe" not in run.manifest and "origin" not in run.manifest:
        raise FileNotFoundError(f"{folder} is not a run: its manifest.json is of something else, as of a dataset.")
    return run


def _lines(path: Path) -> Table[Record]:
    """Returns the records of a file that can be incomplete or missing."""
    return Table(lambda: read_lines(path, follow=True) if path.is_file() else iter(()))


def _parsed(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not JSON ({error}).") from error


def _is_number(*values: Any) -> bool:
    """Whether all values are finite numbers; a failed step can contain NaN."""
    return all(isinstance(value, int | float) and math.isfinite(value) for value in values)


def _json(path: Path) -> Record:
    record = _parsed(path)
    if not isinstance(record, dict):
        raise ValueError(f"{path} holds no object.")
    return record


def _number(value: float | None) -> str:
    return "not known" if value is None else f"{value:.3f}"


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if high > low else (low, low + 1)
