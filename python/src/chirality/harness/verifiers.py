"""Worlds as an environment of verifiers (https://github.com/PrimeIntellect-ai/verifiers), tested with 0.4.0.

An episode is a pair: the question about a scene and the question about its mirror image. The agent answers each one `n`
times. Then the rules of the `chirality` program score all answers together, and the penalty of the pair (SVQA-R1,
equations 2-4) is subtracted from the semantic reward.

    vf-eval chirality-worlds --env.taskset.seed 7 --env.n 8 --select.limit 20 --model … --no-push
"""

import asyncio
import base64
import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import verifiers.v1 as vf
from pydantic import Field
from verifiers.v1.dialects.chat import message_to_wire

from chirality.harness import read_questions
from chirality.rules import program_command, rewards
from chirality.spatial_grpo.coupling import VIEWS, Coupling
from chirality.tables import Record
from chirality.worlds import draw_worlds

View = Literal["original", "mirror"]


class PairData(vf.TaskData):
    """Pair of questions. `prompt` is the question of the current view."""

    view: View = "original"
    prompts: dict[View, vf.Messages]
    rows: dict[View, Record]


class PairTask(vf.Task[PairData]):
    """One question of a pair; `PairEnv` asks both questions."""

    def of(self, view: View) -> "PairTask":
        # Logs contain the data of every answer, so the data of the other view are omitted.
        rows = {view: self.data.rows[view]}
        return self.with_data(view=view, prompt=self.data.prompts[view], prompts={}, rows=rows)


class WorldsConfig(vf.TasksetConfig):
    """Settings of the scenes and the prompts."""

    count: int = Field(1000, ge=1)
    seed: int = 0
    style: Literal["english", "compact"] = "english"
    families: str | None = None
    """Question families, such as "side,nearer"; all by default."""
    strategy: str = "think"
    """Prompting strategy: a name from `chirality strategies`, or a file."""


class Worlds(vf.Taskset[PairTask, WorldsConfig]):
    """Scenes generated from a seed, each with its mirror; equal seeds generate equal scenes."""

    def load(self) -> Iterator[PairTask]:
        config = self.config
        with tempfile.TemporaryDirectory() as made:
            options = ["--style", config.style, *(["--families", config.families] if config.families else [])]
            rows = draw_worlds(Path(made, "worlds"), config.count, config.seed, options)
            task = Path(made, "task")
            how = ["--to", "inspect", "--strategy", config.strategy, "-o", str(task), "--quiet"]
            done = subprocess.run(
                [*program_command(None), "benchmark", "task", str(rows), *how],
                capture_output=True,
                text=True,
                encoding="utf-8",
            )
            if done.returncode != 0:
                raise RuntimeError(done.stderr.strip())
            pairs: dict[str, dict[View, Record]] = {}
            for question in read_questions(task):
                pairs.setdefault(question["pair"], {})[question["view"]] = question
            for name, pair in pairs.items():
                if set(pair) == set(VIEWS):
                    yield PairTask(_pair(name, pair, task), config.task)


def _pair(name: str, pair: dict[View, Record], folder: Path) -> PairData:
    prompts = {view: [_message(message, folder) for message in pair[view]["messages"]] for view in pair}
    return PairData(
        id=name,
        prompt=prompts["original"],
        prompts=prompts,
        rows={view: _without_world(question["row"]) for view, question in pair.items()},
    )


def _without_world(row: Record) -> Record:
    return {**row, "meta": {name: value for name, value in row.get("meta", {}).items() if name != "world"}}


def _message(message: Record, folder: Path) -> Any:
    content = [_part(part, folder) for part in message["content"]]
    return {"role": message["role"], "content": content}


def _part(part: Record, folder: Path) -> Record:
    if part["type"] == "text":
        return {"type": "text", "text": part["text"]}
    picture = base64.b64encode((folder / part["image"]).read_bytes()).decode("ascii")
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{picture}"}}


class PairConfig(vf.EnvConfig):
    """Settings of the episodes and rewards of a pair."""

    agent: vf.AgentConfig = vf.AgentConfig(runtime=vf.SubprocessConfig())
    """Agent on this machine, which runs no code: `Ask` calls the model in this process."""
    n: int = Field(8, ge=2)
    """Number of answers per view."""
    weights: dict[str, float] = Field({"format": 0.5, "semantic": 0.5})
    """Weights of the rewards of `chirality.rewards`."""
    eta: float = 1.0
    threshold: float = 0.5


class PairEnv(vf.Env[PairConfig]):
    """Environment that asks both views of a pair and rewards their answers together."""

    async def run(self, task: PairTask, agents: vf.Agents) -> None:
        async with asyncio.TaskGroup() as asking:
            for view in ("original", "mirror"):
                for _ in range(self.config.n):
                    asking.create_task(agents.agent.run(task.of(view)))

    async def finalize(self, task: PairTask, episode: vf.Episode) -> None:
        """Rewards the answers. `delta`: difference of the views' means; `both_right`: both views mostly right."""
        if not all(trace.ok for trace in episode.traces):
            raise RuntimeError("An answer failed, so that the pair cannot be rewarded.")
        groups = [[trace for trace in episode.traces if trace.task.data.view == view] for view in VIEWS]
        traces = [trace for group in groups for trace in group]
        scored = await asyncio.to_thread(
            rewards,
            [task.data.rows[trace.task.data.view] for trace in traces],
            [trace.last_reply for trace in traces],
        )
        semantic = [one["rewards"]["semantic"]["value"] for one in scored]
        first = len(groups[0])
        delta, lost = Coupling(self.config.eta, self.config.threshold).penalties(semantic[:first], semantic[first:])
        right = [one["right"] is True for one in scored]
        both = all(2 * sum(view) > len(view) for view in (right[:first], right[first:]))
        for trace, one, penalty in zip(traces, scored, [*lost[0], *lost[1]], strict=True):
            for name, weight in self.config.weights.items():
                value = one["rewards"][name]["value"] - (penalty if name == "semantic" else 0.0)
                trace.record_reward(name, value, weight)
            trace.record_metrics(
                {"right": float(one["right"] is True), "penalty": penalty, "delta": delta, "both_right": float(both)}
            )


class Ask(vf.Harness[vf.HarnessConfig]):
    """Harness that asks once, in this process, without installation and without code of the model."""

    APPENDS_SYSTEM_PROMPT = True
    EXECUTES_CODE = False
    NEEDS_CONTAINER = False

    async def launch(
        self,
        ctx: Any,
        trace: vf.Trace,
        runtime: vf.Runtime,
        endpoint: str,
        secret: str,
        mcp_urls: dict[str, str],
        data: vf.TaskData,
    ) -> vf.ProgramResult:
        system, prompt = self.resolve_prompt(data)
        messages = [message_to_wire(message) for message in prompt or []]
        if system:
            messages.insert(0, {"role": "system", "content": system})
        async with httpx.AsyncClient(timeout=None) as client:
            answer = await client.post(
                f"{endpoint}/chat/completions",
                headers={"Authorization": f"Bearer {secret}"},
                content=json.dumps({"model": ctx.model, "messages": messages}),
            )
        return vf.ProgramResult(exit_code=0 if answer.is_success else 1, stdout="", stderr=answer.text)


__all__ = ["Ask", "PairEnv", "Worlds"]
