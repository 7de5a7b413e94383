"""Peak memory and time of a data frame of traced completions, compared with pandas' own reading of the JSON.

    python python/tests/bench_memory.py [completions, 1000000 by default]

The traces repeat those of a recorded run, with different texts and rewards.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUN = ROOT / "test/fixtures/recorded/project/runs/spatial"
READ = {
    "chirality": "import chirality; frame = chirality.read_run({run!r}).completions().to_pandas()",
    "pandas": "import pandas; frame = pandas.read_json({trace!r}, lines=True)",
}


def write(folder: Path, completions: int) -> Path:
    """Writes a run with this number of traced completions. Returns its trace."""
    pairs = [json.loads(line) for path in sorted(RUN.glob("traces/*.jsonl")) for line in path.open(encoding="utf-8")]
    (folder / "traces").mkdir()
    (folder / "manifest.json").write_text((RUN / "manifest.json").read_text(encoding="utf-8"), encoding="utf-8")
    trace = folder / "traces/step-000001.jsonl"
    with trace.open("w", encoding="utf-8") as file:
        for index in range(completions):
            pair = pairs[index % len(pairs)]
            pair |= {"step": 1, "pair": index}
            group = [one for view in pair["views"] for one in view["group"]]
            for one in group:
                one["reward"] += 1e-7
                one["segments"][-1]["text"] = f"{one['segments'][-1]['text'].split(' #')[0]} #{completions}"
                completions -= 1
            file.write(f"{json.dumps(pair)}\n")
            if completions <= 0:
                return trace
    return trace


def measure(statement: str) -> tuple[float, float]:
    """Returns the time in seconds and the peak memory of the process in GB."""
    code = f"import sys; sys.path.insert(0, {str(ROOT / 'python/src')!r}); {statement}; " + (
        "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    start = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return time.monotonic() - start, int(done.stdout) / 1e6


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        trace = write(Path(name), int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
        print(f"{trace.stat().st_size / 1e6:.0f} MB of traces")
        for library, statement in READ.items():
            seconds, peak = measure(statement.format(run=name, trace=str(trace)))
            print(f"{library:10} {peak:6.2f} GB {seconds:6.1f} s")


if __name__ == "__main__":
    main()
