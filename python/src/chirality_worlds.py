"""Module name under which verifiers finds the environment: `vf-eval chirality-worlds`."""

from chirality.harness.verifiers import Ask, PairEnv, Worlds

__all__ = ["Ask", "PairEnv", "Worlds"]
