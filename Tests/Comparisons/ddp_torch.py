#!/usr/bin/env python3
"""Seconds per step of DCGAN by PyTorch's DistributedDataParallel over gloo, for slow_networks.sh.

    ddp_torch.py RANK WORLD ADDRESS none|bf16|powersgd BATCH STEPS

BATCH is that of one rank. Gradients of the discriminator are summed once a step: the pass on originals accumulates, and
the generator's pass goes round its hooks.
"""
import os
import statistics
import sys
import time

import torch
import torch.distributed as dist
from torch.distributed.algorithms.ddp_comm_hooks import default_hooks, powerSGD_hook
from torch.nn.parallel import DistributedDataParallel

import dcgan_torch as dcgan


def step(G, D, optimizers, images, latents):
    cross_entropy, (of_G, of_D) = dcgan.cross_entropy, optimizers
    of_D.zero_grad()
    with D.no_sync():
        cross_entropy(D(images), 1.0).backward()
    fakes = G(latents)
    cross_entropy(D(fakes.detach()), 0.0).backward()
    of_D.step()
    of_G.zero_grad()
    for parameter in D.parameters():
        parameter.requires_grad_(False)
    cross_entropy(D.module(fakes), 1.0).backward()
    for parameter in D.parameters():
        parameter.requires_grad_(True)
    of_G.step()


def main():
    rank, world, address, hook, batch, steps = sys.argv[1:]
    rank, world, batch, steps = int(rank), int(world), int(batch), int(steps)
    torch.set_num_threads(1)
    torch.manual_seed(0)
    os.environ["GLOO_SOCKET_IFNAME"] = "eth0"
    dist.init_process_group("gloo", init_method=f"tcp://{address}:29500", rank=rank, world_size=world)
    settings = {}
    if hook == "powersgd":
        # Its hook sums twice for a bucket; with two buckets under way gloo mixes up their messages.
        dist._DEFAULT_FIRST_BUCKET_BYTES = 1 << 30
        settings["bucket_cap_mb"] = 1024
    networks = [DistributedDataParallel(n, **settings) for n in (dcgan.Generator(64, 100, 64), dcgan.Discriminator(64, 64))]
    for network in networks:
        if hook == "bf16":
            network.register_comm_hook(None, default_hooks.bf16_compress_hook)
        elif hook == "powersgd":
            state = powerSGD_hook.PowerSGDState(None, matrix_approximation_rank=4, start_powerSGD_iter=2)
            network.register_comm_hook(state, powerSGD_hook.powerSGD_hook)
    optimizers = [torch.optim.Adam(n.parameters(), 2e-4, (0.5, 0.999)) for n in networks]
    images = torch.rand(batch, 3, 64, 64) * 2 - 1
    seconds = []
    for _ in range(steps + 3):
        start = time.perf_counter()
        step(*networks, optimizers, images, torch.randn(batch, 100))
        seconds.append(time.perf_counter() - start)
    if rank == 0:
        print(statistics.median(seconds[3:]))
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
