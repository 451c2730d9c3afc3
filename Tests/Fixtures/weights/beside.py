"""Writes files as trainings leave them: the small generator of generator.safetensors beside other things.

Run by hand: python beside.py (PyTorch, safetensors). All hold the weights of generator.safetensors, but for int8.pth and huge.pth.
"""
import argparse
import collections
import pathlib

import torch
from safetensors.torch import load_file

HERE = pathlib.Path(__file__).parent
weights = load_file(HERE / "generator.safetensors")
other = {"conv.weight": torch.ones(3, 2), "conv.bias": torch.zeros(3)}


def prefixed(words, tensors=weights):
    return {f"{words}.{name}": tensor for name, tensor in tensors.items()}


plain = {
    "device": torch.device("cpu"), "dtype": torch.float32, "names": {"a", "b"}, "raw": b"\0\1", "z": 1 + 2j,
    "counts": collections.Counter("aab"), "later": collections.defaultdict(list, {"k": [1]}), "size": torch.Size([2]),
    "args": argparse.Namespace(lr=0.1, path=pathlib.PurePosixPath("x")), "more": bytearray(b"x"), "none": frozenset([1]),
}
torch.save({"state_dict": weights, "fixed_noise": torch.zeros(4, 3), "step": torch.tensor(3)}, HERE / "beside-noise.pth")
torch.save({"state_dict": weights, **plain}, HERE / "beside-data.pth")
torch.save({**prefixed("netG"), **prefixed("netD", other)}, HERE / "prefixed.pth")
torch.save({"state_dict": {**prefixed("model.generator"), **prefixed("model.critic", other)}}, HERE / "prefixed-twice.pth")
doubled = {name: tensor * 2 for name, tensor in weights.items()}
torch.save({"first": doubled, "params_two": weights}, HERE / "several.pth")
torch.save({**prefixed("g_a", doubled), **prefixed("g_b")}, HERE / "several-prefixes.pth")
torch.save({n: t.clamp(-1, 1).mul(127).to(torch.int8) for n, t in weights.items()}, HERE / "int8.pth")
torch.save({n: t * 1e30 for n, t in weights.items()}, HERE / "huge.pth")
whole = (HERE / "generator.zip.pth").read_bytes()
(HERE / "trailing.pth").write_bytes(whole + b"\0" * 700)


class Double(torch.nn.Module):
    def forward(self, x):
        return 2 * x


torch.jit.save(torch.jit.script(Double()), HERE / "program.pt")
