#!/usr/bin/env python3
"""A DMFN training step by inpaint and by PyTorch, in turn on the same machine: images a second and ratios.

    Tests/Comparisons/step_speed.py                             # 256 px, batch 2
    Tests/Comparisons/step_speed.py --side 64 --batch 16

Needs PyTorch. Its best setting counts: plain or channels last, float32 or autocast to bfloat16; VGG-19 losses with
random weights on both sides. Every turn is a process of its own; the median of the rounds is printed.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SETTINGS = {"fp32": [[], ["--channels-last"]], "bf16": [["--bfloat16"], ["--bfloat16", "--channels-last"]]}


def measure_torch(a):
    import torch

    import dmfn_torch as dmfn

    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    G = dmfn.initialise(dmfn.Generator(a.width))
    D = dmfn.initialise(dmfn.Discriminator(a.width, a.side))
    V = dmfn.VGG19()
    x = torch.rand(a.batch, 3, a.side, a.side) * 2 - 1
    half = a.side // 2
    box = (half // 2, half // 2, half, half)
    mask = torch.zeros(a.batch, 1, a.side, a.side)
    mask[:, :, half // 2:half // 2 + half, half // 2:half // 2 + half] = 1
    if a.channels_last:
        for network in (G, D, V):
            network.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)
    optimizers = [torch.optim.Adam(n.parameters(), 2e-4, (0.5, 0.999)) for n in (G, D)]
    seconds = []
    for _ in range(a.steps + 1):
        start = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=a.bfloat16):
            dmfn.training_step(G, D, V, *optimizers, [(x, mask, [box] * a.batch)])
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"images_per_second": a.batch / min(seconds[1:]), "peak_memory_bytes": peak}))


def run(command, threads):
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    output = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    return json.loads(output.strip().splitlines()[-1])


def torch_turn(a, precision):
    """PyTorch's best of both layouts."""
    command = [sys.executable, __file__, "--torch", f"--side={a.side}", f"--batch={a.batch}", f"--width={a.width}",
               f"--threads={a.threads}", f"--steps={a.steps}"]
    results = [run(command + setting, a.threads) for setting in SETTINGS[precision]]
    return max(results, key=lambda r: r["images_per_second"])


def own_turn(a, precision):
    settings = {"data.side": a.side, "training.batch": a.batch, "model.width": a.width, "training.precision": precision}
    command = [a.inpaint, "benchmark", "step", "--json", "--steps", str(a.steps)]
    for key, value in settings.items():
        command += ["--set", f"{key}={value}"]
    return run(command, a.threads)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--inpaint", default=os.path.join(HERE, "../../.build/release/inpaint"))
    parser.add_argument("--torch", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--channels-last", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--bfloat16", action="store_true", help=argparse.SUPPRESS)
    a = parser.parse_args()
    if a.torch:
        measure_torch(a)
        return
    print(f"{a.side} px, batch {a.batch}, width {a.width}, {a.threads} threads, {a.rounds} rounds")
    for precision in SETTINGS:
        turns = [(own_turn(a, precision), torch_turn(a, precision)) for _ in range(a.rounds)]
        own, other = ([t[i]["images_per_second"] for t in turns] for i in (0, 1))
        memory = [max(t[i]["peak_memory_bytes"] for t in turns) / 2**30 for i in (0, 1)]
        ratios = [x / y for x, y in zip(own, other)]
        print(f"{precision}: inpaint {statistics.median(own):.3f} images/s ({memory[0]:.2f} GiB), PyTorch "
              f"{statistics.median(other):.3f} ({memory[1]:.2f} GiB), ratio {statistics.median(ratios):.2f} "
              f"({min(ratios):.2f} to {max(ratios):.2f})", flush=True)


if __name__ == "__main__":
    main()
