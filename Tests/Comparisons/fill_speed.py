#!/usr/bin/env python3
"""Filling pictures by inpaint, PyTorch, ONNX Runtime and OpenVINO on the same machine: images a second and ratios.

    Tests/Comparisons/fill_speed.py --count 1000

Needs PyTorch, safetensors, Pillow, ONNX Runtime and OpenVINO. inpaint's time includes reading, decoding,
compositing, encoding and writing every picture; of the others only the network counts, one picture at a time, at its
best setting: PyTorch plain, channels last and compiled (where a C++ compiler is there), OpenVINO in float32. OpenVINO
in bfloat16 is printed beside them and does not count in the ratio: its fillings are less exact. Memory is the peak of
each process, of the others with Python and their libraries.
"""
import argparse
import multiprocessing
import os
import resource
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


def torch_rate(weights, variant, side, threads, seconds):
    import dmfn_torch
    import torch
    from safetensors.torch import load_file

    torch.set_num_threads(threads)
    generator = dmfn_torch.Generator(variant=variant)
    generator.load_state_dict(load_file(weights))
    x = torch.rand(1, 4, side, side)
    with torch.inference_mode():
        best = rate(lambda: generator(x), seconds)
        try:
            compiled = torch.compile(generator)
            best = max(best, rate(lambda: compiled(x), seconds))
        except Exception as error:  # whatever the compiler raises
            print(f"torch.compile: {type(error).__name__}: is there a C++ compiler?")
        generator.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)
        return max(best, rate(lambda: generator(x), seconds))


def onnx_inputs(side):
    import numpy as np

    return {"image": np.random.rand(1, 3, side, side).astype(np.float32),
            "mask": np.zeros((1, 1, side, side), np.float32)}


def onnx_rate(path, side, threads, seconds):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    inputs = onnx_inputs(side)
    return rate(lambda: session.run(None, inputs), seconds)


def openvino_rate(path, side, threads, seconds, precision):
    import openvino

    core = openvino.Core()
    model = core.read_model(path)
    model.reshape({"image": [1, 3, side, side], "mask": [1, 1, side, side]})
    compiled = core.compile_model(model, "CPU", {
        "INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY"})
    request, inputs = compiled.create_infer_request(), onnx_inputs(side)
    return rate(lambda: request.infer(inputs), seconds)


def measured(function, *arguments):
    """What a function returns in a process of its own, and that process's peak of memory in MiB."""
    def run(results):
        value = function(*arguments)
        results.put((value, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))

    results = multiprocessing.get_context("fork").Queue()
    process = multiprocessing.get_context("fork").Process(target=run, args=(results,))
    process.start()
    process.join()
    if process.exitcode != 0:
        raise SystemExit(f"{function.__name__} failed")
    return results.get()


def filling_memory(inpaint, weights, pictures, output):
    """The peak of inpaint's memory in MiB."""
    subprocess.run([inpaint, "fill", "--weights", weights, "--image", pictures, "--mask", "center", "--output", output],
                   check=True, capture_output=True)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def make_weights(path, variant):
    import dmfn_torch
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(0)
    generator = dmfn_torch.initialise(dmfn_torch.Generator(variant=variant))
    save_file({k: v.contiguous() for k, v in generator.state_dict().items()}, path)
    return 0


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

    with tempfile.TemporaryDirectory() as folder:
        weights, exported = os.path.join(folder, "g.safetensors"), os.path.join(folder, "g.onnx")
        measured(make_weights, weights, a.variant)
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

        shape = (a.side, a.threads, 5)
        engines = {
            "PyTorch": (torch_rate, weights, a.variant, *shape),
            "ONNX Runtime": (onnx_rate, exported, *shape),
            "OpenVINO": (openvino_rate, exported, *shape, "f32"),
            "OpenVINO, bfloat16": (openvino_rate, exported, *shape, "bf16"),
        }
        rounds, memory = [], {}
        for i in range(a.rounds):
            rates = {"inpaint, with files": a.count / fill(pictures, f"filled{i}")}
            for name, call in engines.items():
                rates[name], memory[name] = measured(*call)
            rounds.append(rates)
        start_up = min(fill(one, f"one{i}") for i in range(5))
        # The children of this process are inpaint's and the engines', so that another one asks for its only child.
        memory["inpaint, with files"], _ = measured(filling_memory, a.inpaint, weights, pictures,
                                                   os.path.join(folder, "measured"))
    print(f"{a.side} px, {a.count} pictures, {a.threads} threads, median of {a.rounds} rounds")
    for name in rounds[0]:
        print(f"  {name:20} {statistics.median(r[name] for r in rounds):6.2f} images/s {memory[name]:6.0f} MiB")
    others = ("PyTorch", "ONNX Runtime", "OpenVINO")
    ratio = statistics.median(r["inpaint, with files"] / max(r[name] for name in others) for r in rounds)
    print(f"  inpaint to the best of {', '.join(others)}: {ratio:.2f}")
    print(f"one picture of 64 px from start to end: {start_up:.2f} s")


if __name__ == "__main__":
    main()
