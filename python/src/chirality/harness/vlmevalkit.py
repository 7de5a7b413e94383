"""Dataset of VLMEvalKit with both views of every row (https://github.com/open-compass/VLMEvalKit)."""

import runpy
import sys
from pathlib import Path
from typing import Any

import pandas as pd
from vlmeval import dataset as datasets
from vlmeval.dataset.image_base import ImageBaseDataset
from vlmeval.smp import dump, get_intermediate_file_path, load

from chirality.harness import Judge, figures, messages_of, read_questions
from chirality.tables import Record


class BothViews(ImageBaseDataset):
    """Dataset in a folder that `chirality benchmark task --to vlmevalkit` wrote; `main` sets folder and name."""

    TYPE = "VQA"
    folder: Path
    name: str

    @classmethod
    def supported_datasets(cls) -> list[str]:
        """Returns the single name of the dataset."""
        return [cls.name]

    def load_data(self, dataset: str) -> pd.DataFrame:
        """Returns one row per question; predictions keep `pair` and `view`."""
        self.questions = {question["id"]: question for question in read_questions(self.folder)}
        return pd.DataFrame(
            {
                "index": question["id"],
                "question": question["question"],
                "answer": str(question["answer"]),
                "pair": question["pair"],
                "view": question["view"],
                "image_path": [
                    part["value"]
                    for message in self._messages(question)
                    for part in message["content"]
                    if part["type"] == "image"
                ],
            }
            for question in self.questions.values()
        )

    def build_prompt(self, line: Any) -> list[Record]:
        """Returns the messages of a question; for a single message, its parts, which all models accept."""
        index = self.data.iloc[line]["index"] if isinstance(line, int) else line["index"]
        messages = self._messages(self.questions[index])
        parts: list[Record] = messages[0]["content"]
        return parts if len(messages) == 1 else messages

    def evaluate(self, eval_file: str, **judge_kwargs: Any) -> pd.DataFrame:
        """Scores all predictions. The results file has `hit`, empty if no rule can decide. Returns the metrics."""
        data = load(eval_file)
        judge = Judge()
        judged = [
            judge(self.questions[index]["row"], str(said))
            for index, said in zip(data["index"], data["prediction"], strict=True)
        ]
        data["hit"] = [None if one["right"] is None else int(one["right"]) for one in judged]
        dump(data, get_intermediate_file_path(eval_file, "_result"))
        table = pd.DataFrame([figures(judged)])
        dump(table, get_intermediate_file_path(eval_file, "_acc", "csv"))
        return table

    def _messages(self, question: Record) -> list[Record]:
        return [
            {
                "role": message["role"],
                "content": [
                    {"type": part["type"], "value": part["text" if part["type"] == "text" else "image"]}
                    for part in message["content"]
                ],
            }
            for message in messages_of(self.folder, question)
        ]


def main(folder: Path, name: str) -> None:
    """Runs VLMEvalKit's `run.py`, the first argument, on the evaluation set, with the other arguments."""
    if len(sys.argv) < 2 or not Path(sys.argv[1]).is_file():
        raise SystemExit("Name VLMEvalKit's run.py, and what it is to get: python … VLMEvalKit/run.py --model …")
    program, *rest = sys.argv[1:]
    datasets.DATASET_CLASSES.append(type("BothViewsOfOne", (BothViews,), {"folder": folder, "name": name}))
    sys.argv = [program, *rest, "--data", name]
    runpy.run_path(program, run_name="__main__")
