"""Learning rates and clipped updates by PyTorch, for Tests/Fixtures/optimizers.

    python3 Tests/Comparisons/optimizer_fixtures.py Tests/Fixtures/optimizers
"""
import json
import pathlib
import sys
import warnings

import torch

STEPS = 12
warnings.filterwarnings("ignore")


def rates(make):
    """The rate of each step of a training that calls the scheduler after each."""
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.Adam([parameter], lr=0.4)
    scheduler = make(optimizer)
    values = []
    for _ in range(STEPS):
        values.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return values


def clipped(limit):
    """Parameters after three updates by Adam of gradients whose norm is clipped, and the norms before."""
    torch.manual_seed(3)
    weight, bias = torch.nn.Parameter(torch.randn(2, 3)), torch.nn.Parameter(torch.randn(2))
    optimizer = torch.optim.Adam([weight, bias], lr=0.01, betas=(0.5, 0.999))
    result = {"limit": limit, "start": [weight.tolist(), bias.tolist()], "gradients": [], "norms": [], "ends": []}
    for step in range(3):
        # Of two replicas; the mean counts.
        parts = [[torch.randn(2, 3) * 10**-step, torch.randn(2) * 10**-step] for _ in range(2)]
        result["gradients"].append([[g.tolist() for g in part] for part in parts])
        weight.grad, bias.grad = ((a + b) / 2 for a, b in zip(*parts))
        result["norms"].append(float(torch.nn.utils.clip_grad_norm_([weight, bias], limit)))
        optimizer.step()
        result["ends"].append([weight.tolist(), bias.tolist()])
    return result


schedulers = torch.optim.lr_scheduler
folder = pathlib.Path(sys.argv[1])
(folder / "schedules.json").write_text(json.dumps({
    "steps": rates(lambda o: schedulers.MultiStepLR(o, [3, 7], 0.5)),
    "cosine": rates(lambda o: schedulers.CosineAnnealingLR(o, STEPS, 0.04)),
    "cosine_to_zero": rates(lambda o: schedulers.CosineAnnealingLR(o, STEPS)),
    "linear": rates(lambda o: schedulers.LinearLR(o, 1.0, 0.25, STEPS)),
}, indent=1) + "\n")
(folder / "clipping.json").write_text(json.dumps([clipped(limit) for limit in (0.5, 1e6)], indent=1) + "\n")
