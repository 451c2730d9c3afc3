#!/usr/bin/env python3
"""Filling pictures by inpaint, PyTorch and ONNX Runtime on the same machine: images a second and ratios.

    Tests/Comparisons/fill_speed.py --count 1000

Needs PyTorch, safetensors, Pillow and ONNX Runtime. inpaint's time includes reading, decoding, compositing, encoding
and writing every picture; of the others only the network counts, one picture at a time, at its best setting.
"""
import argparse
import os
import statistics
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def make_pictures(folder, count, side):
    import numpy as np
    from PIL import Image

    os.makedirs(folder)
    random = np.random.default_rng(0)
    for i in range(count):
        coarse = Image.fromarray(random.integers(0, 256, (8, 8, 3), dtype=np.uint8))
        coarse.resize((side, side), Image.BICUBIC).save(os.path.join(folder, f"{i:05d}.png"))


def rate(call, seconds):
    """Calls a second: the best of as many as fit into the time."""
    call()
    best, end = 1e9, time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return 1 / best


def torch_rate(generator, side, threads, seconds):
    import torch

    torch.set_num_threads(threads)
    x = torch.rand(1, 4, side, side)
    with torch.inference_mode():
        plain = rate(lambda: generator(x), seconds)
        generator.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)
        return max(plain, rate(lambda: generator(x), seconds))


def onnx_rate(path, side, threads, seconds):
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    image = np.random.rand(1, 3, side, side).astype(np.float32)
    mask = np.zeros((1, 1, side, side), np.float32)
    return rate(lambda: session.run(None, {"image": image, "mask": mask}), seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--variant", choices=["released", "paper"], default="released")
    parser.add_argument("--inpaint", default=os.path.join(HERE, "../../.build/release/inpaint"))
    a = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(a.threads)

    import torch
    from safetensors.torch import save_file

    import dmfn_torch

    torch.manual_seed(0)
    generator = dmfn_torch.initialise(dmfn_torch.Generator(variant=a.variant))
    with tempfile.TemporaryDirectory() as folder:
        weights, exported = os.path.join(folder, "g.safetensors"), os.path.join(folder, "g.onnx")
        save_file({k: v.contiguous() for k, v in generator.state_dict().items()}, weights)
        subprocess.run([a.inpaint, "export", "onnx", "--weights", weights, "--output", exported], check=True,
                       capture_output=True)
        pictures = os.path.join(folder, "pictures")
        make_pictures(pictures, a.count, a.side)
        one = os.path.join(folder, "one")
        make_pictures(one, 1, 64)

        def fill(source, target):
            start = time.perf_counter()
            subprocess.run([a.inpaint, "fill", "--weights", weights, "--image", source, "--mask", "center",
                            "--output", os.path.join(folder, target)], check=True, capture_output=True)
            return time.perf_counter() - start

        rates = []
        for i in range(a.rounds):
            own = a.count / fill(pictures, f"filled{i}")
            rates.append((own, torch_rate(generator, a.side, a.threads, 5), onnx_rate(exported, a.side, a.threads, 5)))
        start_up = min(fill(one, f"one{i}") for i in range(5))
    own, pytorch, onnx = (statistics.median(r[i] for r in rates) for i in range(3))
    ratio = statistics.median(r[0] / max(r[1:]) for r in rates)
    print(f"{a.side} px, {a.count} pictures, {a.threads} threads: inpaint {own:.2f} images/s with files, PyTorch "
          f"{pytorch:.2f}, ONNX Runtime {onnx:.2f} for the network alone, ratio to the better {ratio:.2f}")
    print(f"one picture of 64 px from start to end: {start_up:.2f} s")


if __name__ == "__main__":
    main()
