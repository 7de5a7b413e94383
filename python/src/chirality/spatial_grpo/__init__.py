"""Spatial-GRPO for other trainers: `trl` and `verl`, which import those programs."""
