"""The torch engine's worker: a vision-language model that samples, scores and learns on behalf of another process."""

PROTOCOL = 1
