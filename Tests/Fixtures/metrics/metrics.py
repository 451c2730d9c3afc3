"""Writes metrics.json: LPIPS, Inception features and Frechet distances of the packages lpips 0.1.4, pytorch-fid 0.3.0
and scipy, on weights and pictures that a formula gives.

Tensor number n holds offset + scale * v, where v is drawn from [-1, 1) by a linear congruential generator that starts
at n. Run: python metrics.py (needs torch, torchvision, lpips, pytorch-fid, numpy).
"""
import json
import math
import pathlib

import numpy as np
import torch

import lpips
import pytorch_fid.inception
from pytorch_fid.fid_score import calculate_frechet_distance


def drawn(count, seed):
    """`count` numbers in [-1, 1): the upper 24 bits of a generator modulo 2^32."""
    a, c = np.uint64(1664525), np.uint64(1013904223)
    # Blocks of 1024 steps at a time; step k from x is A_k x + C_k.
    powers, sums = [np.uint64(1)], [np.uint64(0)]
    for _ in range(1024):
        powers.append(powers[-1] * a & np.uint64(0xFFFFFFFF))
        sums.append(sums[-1] * a + c & np.uint64(0xFFFFFFFF))
    powers, sums = np.array(powers[1:]), np.array(sums[1:])
    x, blocks = np.uint64(seed), []
    for _ in range(0, count, 1024):
        block = powers * x + sums & np.uint64(0xFFFFFFFF)
        blocks.append(block)
        x = block[-1]
    bits = np.concatenate(blocks)[:count] >> np.uint64(8)
    return bits.astype(np.float32) / np.float32(2 ** 23) - np.float32(1)


def fill(state):
    """Replaces the tensors of a state_dict, in its order, and returns their description."""
    description = []
    for number, (name, tensor) in enumerate(state.items(), 1):
        if name.endswith("num_batches_tracked"):
            continue
        shape = list(tensor.shape)
        offset, scale = 0.0, 0.1
        if name.endswith(("running_var", "bn.weight")):
            offset, scale = 1.0, 0.25
        elif len(shape) == 4 and "lin" not in name:
            scale = round(math.sqrt(6 / (shape[1] * shape[2] * shape[3])), 6)
        elif "lin" in name:
            offset, scale = 0.5, 0.5
        values = np.float32(offset) + np.float32(scale) * drawn(tensor.numel(), number)
        tensor.copy_(torch.from_numpy(values).reshape(shape))
        description.append({"name": name, "shape": shape, "seed": number, "offset": offset, "scale": scale})
    return description


def pictures(count, side, seed):
    return torch.from_numpy(drawn(count * 3 * side * side, seed)).reshape(count, 3, side, side)


def perceptual(net, side):
    model = lpips.LPIPS(net=net, pretrained=False, pnet_rand=True, verbose=False).eval()
    prefixes = ("net.", "lin")
    state = {k: v for k, v in model.state_dict().items() if k.startswith(prefixes) and not k.startswith("lins.")}
    tensors = fill(state)
    features = [m for m in model.net.modules() if isinstance(m, torch.nn.Conv2d)]
    # lpips cuts torchvision's `features` into slices that keep the indices as names.
    for tensor in tensors:
        parts = tensor["name"].split(".")
        if parts[0] == "net":
            tensor["name"] = "features." + ".".join(parts[2:])
    a, b = pictures(2, side, 9001), pictures(2, side, 9002)
    with torch.no_grad():
        distances = model(a, b * 0.5 + a * 0.5).flatten().tolist()
    assert features and len(tensors) == 2 * len(features) + 5
    return {"net": net, "side": side, "tensors": tensors, "distances": distances}


def inception(side):
    module = pytorch_fid.inception
    described = []

    def weights(*_, **__):
        """Stands in for the download: the state that the network itself has, filled by the formula."""
        module.load_state_dict_from_url = lambda *_, **__: {}
        load, torch.nn.Module.load_state_dict = torch.nn.Module.load_state_dict, lambda *_, **__: None
        state = module.fid_inception_v3().state_dict()
        torch.nn.Module.load_state_dict = load
        described.extend(fill(state))
        return state

    module.load_state_dict_from_url = weights
    model = module.InceptionV3([3]).eval()
    x = (pictures(1, side, 9003) + 1) / 2
    with torch.no_grad():
        features = model(x)[0].flatten().tolist()
    tensors = [t for t in described if not t["name"].startswith("fc.")]
    return {"side": side, "tensors": tensors, "features": features[::16]}


def frechet(count, size, seed):
    a = drawn(count * size, seed).reshape(count, size).astype(np.float64)
    b = (drawn(count * size, seed + 1).reshape(count, size).astype(np.float64) * 0.7 + 0.2) + a * 0.3
    distance = calculate_frechet_distance(a.mean(0), np.cov(a, rowvar=False), b.mean(0), np.cov(b, rowvar=False))
    return {"count": count, "size": size, "seed": seed, "distance": float(distance)}


if __name__ == "__main__":
    result = {
        "lpips": [perceptual("alex", 64), perceptual("vgg", 32)],
        "inception": inception(75),
        "frechet": [frechet(40, 6, 9010), frechet(200, 24, 9012), frechet(500, 3, 9014)],
    }
    (pathlib.Path(__file__).parent / "metrics.json").write_text(json.dumps(result) + "\n")
