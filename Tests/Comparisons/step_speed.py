#!/usr/bin/env python3
"""A training step by inpaint and by PyTorch, in turn on the same machine: images a second and ratios.

    Tests/Comparisons/step_speed.py                             # DMFN, 256 px, batch 2
    Tests/Comparisons/step_speed.py --side 64 --batch 16
    Tests/Comparisons/step_speed.py --model deepfill --side 64 --width 16 --batch 16 --ranks 2
    Tests/Comparisons/step_speed.py --model dcgan --side 64 --batch 64

Needs PyTorch. Its best setting counts: plain or channels last, float32 or autocast to bfloat16. DMFN has VGG-19 losses
with random weights on both sides; a step of DeepFill, in float32, is five updates of the critics and one of the generator; DCGAN's is that of
pytorch/examples.
With --ranks, inpaint shares its threads and the batch among so many processes. With --busy, so many other processes
compute all the time. Every turn is a process of its own; the median of its steps counts, and the median of the rounds is printed.
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
CRITIC_UPDATES = 5


def dmfn_step(a, images, mask, boxes, to_layout):
    """A function that makes one step of DMFN."""
    import torch

    import dmfn_torch as dmfn

    G, D, V = networks = [
        dmfn.initialise(dmfn.Generator(a.width)), dmfn.initialise(dmfn.Discriminator(a.width, a.side)), dmfn.VGG19()]
    for network in networks:
        to_layout(network)
    optimizers = [torch.optim.Adam(n.parameters(), 2e-4, (0.5, 0.999)) for n in (G, D)]
    return lambda: dmfn.training_step(G, D, V, *optimizers, [(images, mask, boxes)])


def deepfill_step(a, images, mask, boxes, to_layout):
    """A function that makes one step of DeepFill."""
    import torch

    import deepfill_torch as deepfill

    G = to_layout(deepfill.initialise(deepfill.Generator(a.width, "tf")))
    D = to_layout(deepfill.initialise(deepfill.Critics(2 * a.width, a.side, a.side // 2, "tf")))
    optimizers = [deepfill.optimizer(n) for n in (G, D)]
    return lambda: deepfill.training_step(
        G, D, *optimizers, [[(images, mask, boxes, torch.rand(2, a.batch))] for _ in range(CRITIC_UPDATES)],
        [(images, mask, boxes)])


def dcgan_step(a, images, mask, boxes, to_layout):
    """A function that makes one step of DCGAN."""
    import torch

    import dcgan_torch as dcgan

    G, D = to_layout(dcgan.Generator(a.width, 100, a.side)), to_layout(dcgan.Discriminator(a.width, a.side))
    optimizers = [torch.optim.Adam(n.parameters(), 2e-4, (0.5, 0.999)) for n in (G, D)]
    return lambda: dcgan.training_step(G, D, *optimizers, images, torch.randn(a.batch, 100))


def measure_torch(a):
    import torch

    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    half = a.side // 2
    box = (half // 2, half // 2, half, half)
    mask = torch.zeros(a.batch, 1, a.side, a.side)
    mask[:, :, half // 2:half // 2 + half, half // 2:half // 2 + half] = 1
    layout = torch.channels_last if a.channels_last else torch.contiguous_format
    images = (torch.rand(a.batch, 3, a.side, a.side) * 2 - 1).to(memory_format=layout)
    make = {"dmfn": dmfn_step, "deepfill": deepfill_step, "dcgan": dcgan_step}[a.model]
    step = make(a, images, mask, [box] * a.batch, lambda network: network.to(memory_format=layout))
    seconds = []
    for _ in range(a.steps + 1):
        start = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=a.bfloat16):
            step()
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    batches = CRITIC_UPDATES + 1 if a.model == "deepfill" else 1
    print(json.dumps({"images_per_second": batches * a.batch / statistics.median(seconds[1:]), "peak_memory_bytes": peak}))


def run(command, threads):
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    if os.getuid() == 0:
        environment.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    output = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    return json.loads(output.strip().splitlines()[-1])


def torch_turn(a, precision):
    """PyTorch's best of both layouts."""
    command = [sys.executable, __file__, "--torch", f"--model={a.model}", f"--side={a.side}", f"--batch={a.batch}",
               f"--width={a.width}", f"--threads={a.threads}", f"--steps={a.steps}"]
    results = [run(command + setting, a.threads) for setting in SETTINGS[precision]]
    return max(results, key=lambda r: r["images_per_second"])


def own_turn(a, precision):
    settings = {"data.side": a.side, "training.batch": a.batch, "model.width": a.width, "training.precision": precision,
                "training.replicas": a.ranks}
    command = [] if a.ranks == 1 else ["mpirun", "-n", str(a.ranks), "--bind-to", "core", "--map-by",
                                       f"slot:PE={a.threads // a.ranks}"]
    command += [a.inpaint, "benchmark", "step", "--json", "--steps", str(a.steps)]
    if a.model != "dmfn":
        command += ["--config", os.path.join(HERE, f"../../configs/{a.model}-celeba-64.yaml")]
    for key, value in settings.items():
        command += ["--set", f"{key}={value}"]
    return run(command, a.threads // a.ranks)


def compare(a):
    for precision in ["fp32"] if a.model == "deepfill" else SETTINGS:
        turns = [(own_turn(a, precision), torch_turn(a, precision)) for _ in range(a.rounds)]
        own, other = ([t[i]["images_per_second"] for t in turns] for i in (0, 1))
        memory = [max(t[i]["peak_memory_bytes"] for t in turns) / 2**30 for i in (0, 1)]  # of one process
        ratios = [x / y for x, y in zip(own, other)]
        print(f"{precision}: inpaint {statistics.median(own):.3f} images/s ({memory[0]:.2f} GiB a process), PyTorch "
              f"{statistics.median(other):.3f} ({memory[1]:.2f} GiB), ratio {statistics.median(ratios):.2f} "
              f"({min(ratios):.2f} to {max(ratios):.2f})", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=["dmfn", "deepfill", "dcgan"], default="dmfn")
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--width", type=int, default=None)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--ranks", type=int, default=1)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--busy", type=int, default=0)
    parser.add_argument("--inpaint", default=os.path.join(HERE, "../../.build/release/inpaint"))
    parser.add_argument("--torch", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--channels-last", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--bfloat16", action="store_true", help=argparse.SUPPRESS)
    a = parser.parse_args()
    a.width = a.width or {"dmfn": 64, "deepfill": 32, "dcgan": 64}[a.model]
    if a.torch:
        measure_torch(a)
        return
    print(f"{a.model}, {a.side} px, batch {a.batch}, width {a.width}, {a.threads} threads, {a.rounds} rounds, "
          f"{a.busy} processes beside it")
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(a.busy)]
    try:
        compare(a)
    finally:
        for process in busy:
            process.kill()


if __name__ == "__main__":
    main()
