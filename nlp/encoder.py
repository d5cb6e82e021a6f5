"""The transformer of nlp/vote.py in PyTorch: from packed weights, and to ONNX in eight bits.

Needs PyTorch and onnx, as nlp/train_vote.py does, which only ``make fitting`` installs: where mypy
runs, ``nn.Module`` is of no known type (the two ignores).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from data.errors import InputError
from nlp.e5 import Packed

WIDTH, INNER, HEADS, LONGEST = 384, 1536, 12, 512
LAYERS = 12
_GUESSING = frozenset({"guess", "gln", "often"})  # needed for masked pieces alone, not exported
_NEVER = -1e4  # attention to what is only padding


class Layer(nn.Module):  # type: ignore[misc]
    """Attention and two linear layers, each added to what came in and normalised (post-LN BERT)."""

    def __init__(self, dropout: float) -> None:
        """Make it with random weights."""
        super().__init__()
        self.qkv, self.ao = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.fi, self.fo = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.aln, self.oln = (nn.LayerNorm(WIDTH, eps=1e-12) for _ in range(2))
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Any, bias: Any) -> Any:
        """Return (texts, pieces, WIDTH)."""
        texts, pieces, _ = x.shape
        q, k, v = (
            part.reshape(texts, pieces, HEADS, WIDTH // HEADS).transpose(1, 2)
            for part in self.qkv(x).split(WIDTH, -1)
        )
        alike = torch.matmul(q, k.transpose(2, 3)) / math.sqrt(WIDTH // HEADS) + bias
        seen = torch.matmul(self.drop(alike.softmax(-1)), v)
        x = self.aln(x + self.drop(self.ao(seen.transpose(1, 2).reshape(texts, pieces, WIDTH))))
        return self.oln(x + self.drop(self.fo(functional.gelu(self.fi(x)))))


class Encoder(nn.Module):  # type: ignore[misc]
    """Layers and three heads: masked pieces, the feeling of a text, allegations piece by piece."""

    def __init__(self, pieces: int, tags: int, layers: int = LAYERS, dropout: float = 0.1) -> None:
        """Make it with random weights."""
        super().__init__()
        self.word, self.pos = nn.Embedding(pieces, WIDTH), nn.Embedding(LONGEST, WIDTH)
        self.eln, self.drop = nn.LayerNorm(WIDTH, eps=1e-12), nn.Dropout(dropout)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(layers))
        self.feel, self.tags = nn.Linear(WIDTH, 3), nn.Linear(WIDTH, tags)
        self.guess, self.gln = nn.Linear(WIDTH, WIDTH), nn.LayerNorm(WIDTH)
        self.often = nn.Parameter(torch.zeros(pieces))
        nn.init.constant_(self.tags.bias, -5.0)  # an allegation is rare

    def hidden(self, ids: Any, mask: Any) -> Any:
        """Return (texts, pieces, WIDTH)."""
        x = self.drop(self.eln(self.word(ids) + self.pos.weight[: ids.shape[1]]))
        bias = (1 - mask[:, None, None, :].to(x.dtype)) * _NEVER
        for layer in self.layers:
            x = layer(x, bias)
        return x

    def forward(self, ids: Any, mask: Any) -> tuple[Any, Any]:
        """Return logits (texts, 3) and log-odds (texts, pieces, tags)."""
        x = self.hidden(ids, mask)
        real = mask[:, :, None].to(x.dtype)
        whole = (x * real).sum(1) / real.sum(1)
        return self.feel(self.drop(whole)), self.tags(self.drop(x))

    def guessed(self, x: Any) -> Any:
        """Return logits (places, pieces) of what stands at places whose piece is masked."""
        inner = self.gln(functional.gelu(self.guess(x)))
        return functional.linear(inner, self.word.weight, self.often)


def unpacked(model: Packed, rows: Sequence[int], tags: int, dropout: float = 0.1) -> Encoder:
    """Return a packed model with the pieces ``rows`` only."""
    encoder = Encoder(len(rows), tags, dropout=dropout)
    kind = model.plain("emb.type").reshape(-1, WIDTH)[0]
    with torch.no_grad():
        _put(encoder.word.weight, model.rows("emb.word", WIDTH, np.asarray(rows)))
        _put(encoder.pos.weight, model.plain("emb.pos").reshape(-1, WIDTH)[:LONGEST] + kind)
        _norm(encoder.eln, model, "emb.ln")
        for number, layer in enumerate(encoder.layers):
            at = f"l{number}."
            _put(layer.qkv.weight, np.vstack([model.rows(f"{at}{x}.w", WIDTH) for x in "qkv"]))
            _put(layer.qkv.bias, np.concatenate([model.plain(f"{at}{x}.b") for x in "qkv"]))
            for name, width in (("ao", WIDTH), ("fi", WIDTH), ("fo", INNER)):
                linear = getattr(layer, name)
                _put(linear.weight, model.rows(f"{at}{name}.w", width))
                _put(linear.bias, model.plain(f"{at}{name}.b"))
            _norm(layer.aln, model, f"{at}aln")
            _norm(layer.oln, model, f"{at}oln")
        encoder.guess.weight += torch.eye(WIDTH)
    return encoder


def read(file: Path) -> Encoder:
    """Return a model that ``export`` wrote; what eight bits lost stays lost."""
    import onnx

    graph = onnx.load(str(file)).graph
    kept = {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}
    found: dict[str, Any] = {}
    for name, numbers in kept.items():
        bare = name.removesuffix("_quantized")
        plain = numbers if bare == name else _whole(numbers, bare, kept)
        turned = bare.removesuffix("_Transposed")
        found[turned] = plain if turned == bare else plain.T
    for node in graph.node:  # weights of linear layers are named by what they are used for
        layer = node.output[0].split("/MatMul_output")[0].strip("/").replace("/", ".")
        if node.op_type == "MatMulInteger" and f"{layer}.bias" in found:
            found[f"{layer}.weight"] = found[node.input[1].removesuffix("_quantized")].T
    layers = 1 + max(int(name.split(".")[1]) for name in found if name.startswith("layers."))
    encoder = Encoder(len(found["word.weight"]), len(found["tags.bias"]), layers)
    known = {name: found[name] for name in encoder.state_dict() if name in found}
    state = {name: torch.from_numpy(np.array(numbers)) for name, numbers in known.items()}
    missing, _ = encoder.load_state_dict(state, strict=False)
    if unknown := [name for name in missing if name.split(".")[0] not in _GUESSING]:
        raise InputError(f"{file}: no {', '.join(unknown)}; a model of nlp/encoder.py is needed")
    return encoder


def export(encoder: Encoder, names: Sequence[str], file: Path) -> None:
    """Write the model as ONNX with linear layers in eight bits; ``names`` are its tags."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    encoder.eval().cpu()
    ids = torch.ones((2, 9), dtype=torch.int64)
    whole = file.with_suffix(".float.onnx")
    free = {0: "texts", 1: "pieces"}
    torch.onnx.export(
        encoder, (ids, ids), str(whole), input_names=["input_ids", "attention_mask"],
        output_names=["logits", "tags"], opset_version=17, dynamo=False,
        dynamic_axes=dict.fromkeys(("input_ids", "attention_mask", "tags"), free)
        | {"logits": {0: "texts"}},
    )  # fmt: skip
    quantize_dynamic(whole, file, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8)
    model = onnx.load(str(file))
    onnx.helper.set_model_props(model, {"tags": ",".join(names)})
    onnx.save(model, str(file))
    whole.unlink()


def _whole(small: Any, name: str, kept: Mapping[str, Any]) -> Any:
    """Return weights of eight bits as plain numbers."""
    low = kept[f"{name}_zero_point"].astype(np.float32)
    return (small.astype(np.float32) - low) * kept[f"{name}_scale"]


def _put(place: Any, numbers: Any) -> None:
    place.copy_(torch.from_numpy(np.ascontiguousarray(numbers)))


def _norm(place: Any, model: Packed, name: str) -> None:
    _put(place.weight, model.plain(f"{name}.w"))
    _put(place.bias, model.plain(f"{name}.b"))
