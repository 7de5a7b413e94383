"""Inspect task with both views of every row (https://inspect.aisi.org.uk)."""

from pathlib import Path
from typing import Any

from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    ContentImage,
    ContentText,
    GenerateConfig,
)
from inspect_ai.scorer import CORRECT, INCORRECT, NOANSWER, Metric, SampleScore, Score, Scorer, Target, metric, scorer
from inspect_ai.solver import TaskState, generate

from chirality.harness import Judge, figures, messages_of, read_questions
from chirality.tables import Record

ROLES: dict[str, Any] = {"system": ChatMessageSystem, "user": ChatMessageUser, "assistant": ChatMessageAssistant}


def both_views(folder: Path, max_tokens: int = 1024) -> Task:
    """Returns the task in a folder that `chirality benchmark task --to inspect` wrote."""
    return Task(
        dataset=MemoryDataset([_sample(folder, question) for question in read_questions(folder)], name=folder.name),
        solver=generate(),
        scorer=right(),
        config=GenerateConfig(temperature=0, max_tokens=max_tokens),
    )


def _sample(folder: Path, question: Record) -> Sample:
    return Sample(
        id=question["id"],
        input=[_message(message) for message in messages_of(folder, question)],
        target=str(question["answer"]),
        metadata={name: question[name] for name in ("pair", "view", "row")},
    )


def _message(message: Record) -> ChatMessage:
    content = [
        ContentImage(image=part["image"]) if part["type"] == "image" else ContentText(text=part["text"])
        for part in message["content"]
    ]
    made: ChatMessage = ROLES[message["role"]](content=content)
    return made


@metric
def pairs() -> Metric:
    """Computes shares of pairs: both_right, only_original, only_mirror, neither, consistent_wrong, inconsistent.

    Shares with a standard error also have it, as both_right_stderr.
    """

    def of(scores: list[SampleScore]) -> dict[str, float]:
        return figures(
            {**score.sample_metadata["row"], **score.score.metadata}
            for score in scores
            if score.sample_metadata and score.score.metadata
        )

    return of


@scorer(metrics=[pairs()])
def right() -> Scorer:
    """Scores answers by the rules of Chirality; no answer if no rule can decide."""
    judge = Judge()

    async def score(state: TaskState, target: Target) -> Score:
        if state.epoch > 1:
            raise ValueError("The task asks every question once: leave --epochs away.")
        judged = judge(state.metadata["row"], state.output.completion)
        return Score(
            value={True: CORRECT, False: INCORRECT, None: NOANSWER}[judged["right"]],
            answer=judged["score"]["answer_text"],
            metadata={name: judged[name] for name in ("completion", "right", "score")},
        )

    return score
