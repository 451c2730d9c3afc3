"""Writes Tests/Fixtures/dcgan: training steps, a generator's file and what it makes, computed by PyTorch.

Run it with the folder to write as its argument; it needs PyTorch and safetensors. All is computed in double
precision and stored as float32; float32_error tells how far PyTorch's own float32 run is from that.
"""
import copy
import json
import os
import sys

import torch
from safetensors.torch import save_file

from dcgan_torch import Discriminator, Generator, cross_entropy

STEPS = 3


def buffers(network):
    return {name: value.clone() for name, value in network.named_buffers() if "running" in name}


def restore(network, values):
    for name, module in network.named_modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            # New tensors: the graphs of earlier passes keep theirs.
            module.running_mean = values[f"{name}.running_mean"].clone()
            module.running_var = values[f"{name}.running_var"].clone()


def mean(dictionaries):
    return {key: sum(d[key] for d in dictionaries) / len(dictionaries) for key in dictionaries[0]}


def train(generator, discriminator, inputs, settings, dtype):
    """Three steps: the discriminator on originals, then on fakes, then the generator; replicas averaged."""
    generator, discriminator = (copy.deepcopy(n).to(dtype) for n in (generator, discriminator))
    networks = {"generator": generator, "discriminator": discriminator}
    adam = {
        name: torch.optim.Adam(n.parameters(), lr=settings["learning_rate"], betas=(0.5, 0.999), eps=1e-8)
        for name, n in networks.items()
    }
    result, log = {}, []
    replicas = settings["replicas"]

    def passed(network, start, x):
        """The output of one pass and the running statistics after it, which begin anew."""
        restore(network, start)
        y = network(x)
        return y, buffers(network)

    def finish(name, step):
        network = networks[name]
        for key, parameter in network.named_parameters():
            parameter.grad /= replicas
            if step == 1:
                result[f"grad.{name}.{key}"] = parameter.grad.clone()
        adam[name].step()

    for step in range(1, STEPS + 1):
        starts = {name: buffers(n) for name, n in networks.items()}
        seen = {"generator": [], "discriminator": []}
        fakes, losses = [], []
        discriminator.zero_grad()
        for replica in range(replicas):
            place = f"in.step{step}.replica{replica}"
            fake, after = passed(generator, starts["generator"], inputs[f"{place}.latent"].to(dtype))
            seen["generator"].append(after)
            fakes.append(fake)
            on_real, after_real = passed(discriminator, starts["discriminator"], inputs[f"{place}.image"].to(dtype))
            real = cross_entropy(on_real, 1.0)
            real.backward()
            on_fake, after_fake = passed(discriminator, starts["discriminator"], fake.detach())
            false = cross_entropy(on_fake, 0.0)
            false.backward()
            seen["discriminator"] += [after_real, after_fake]
            losses.append({"discriminator_real": real.item(), "discriminator_fake": false.item(),
                           "discriminator": real.item() + false.item()})
            if step == 1:
                result[f"out.step1.replica{replica}.fake"] = fake.detach().clone()
        finish("discriminator", step)
        generator.zero_grad()
        for replica, fake in enumerate(fakes):
            loss = cross_entropy(passed(discriminator, starts["discriminator"], fake)[0], 1.0)
            loss.backward()
            losses[replica].update({"adversarial": loss.item(), "generator": loss.item()})
        finish("generator", step)
        for name, network in networks.items():
            restore(network, mean(seen[name]))
            if step in (1, STEPS):
                for key, value in list(network.named_parameters()) + list(buffers(network).items()):
                    result[f"after{step}.{name}.{key}"] = value.detach().clone()
        log.append(mean(losses))
    return result, log


def relative(a, b):
    a, b = torch.as_tensor(a, dtype=torch.float64), torch.as_tensor(b, dtype=torch.float64)
    return ((a - b).norm() / b.norm().clamp_min(1e-300)).item()


def write(path, tensors, settings, rounding):
    metadata = {"settings": json.dumps(settings), "float32_error": json.dumps(rounding), "cancelled": "[]"}
    save_file({k: v.detach().float().contiguous() for k, v in tensors.items()}, path, metadata)


def steps(folder, name, seed, replicas, batch):
    settings = {"width": 3, "latent": 5, "side": 32, "replicas": replicas, "batch": batch,
                "learning_rate": 2e-4, "seed": seed}
    torch.manual_seed(seed)
    generator = Generator(settings["width"], settings["latent"], settings["side"])
    discriminator = Discriminator(settings["width"], settings["side"])
    # Larger than the published first values: maps of this few channels would be nearly 0.
    with torch.no_grad():
        for network in (generator, discriminator):
            for key, parameter in network.named_parameters():
                if parameter.ndim == 4:
                    parameter *= 10
    inputs = {}
    for step in range(1, STEPS + 1):
        for replica in range(replicas):
            place = f"in.step{step}.replica{replica}"
            inputs[f"{place}.image"] = torch.rand(batch, 3, 32, 32) * 2 - 1
            inputs[f"{place}.latent"] = torch.randn(batch, settings["latent"])
    exact, log = train(generator, discriminator, inputs, settings, torch.float64)
    single, single_log = train(generator, discriminator, inputs, settings, torch.float32)
    settings["log"] = log
    settings["log_float32_error"] = [
        {k: abs(b[k] - a[k]) / max(abs(a[k]), 1e-12) for k in a} for a, b in zip(log, single_log)]
    rounding = {k: relative(single[k], exact[k]) for k in exact}
    print(name, "largest float32 error", max(rounding.items(), key=lambda item: item[1]))
    parameters = {f"param.{n}.{k}": v for n, network in
                  (("generator", generator), ("discriminator", discriminator))
                  for k, v in network.named_parameters()}
    write(f"{folder}/{name}.safetensors", inputs | parameters | exact, settings, rounding)


def published(folder):
    """A generator as pytorch/examples saves one after an epoch, and the pictures that it makes of vectors."""
    torch.manual_seed(7)
    generator = Generator(2, 6, 64)
    with torch.no_grad():
        for key, parameter in generator.named_parameters():
            if parameter.ndim == 4:
                parameter *= 10
        for _ in range(40):
            generator(torch.randn(16, 6))
    torch.save(generator.state_dict(), f"{folder}/netG_epoch_0.pth")
    latents = torch.randn(2, 6)
    exact = copy.deepcopy(generator).double().eval()(latents.double())
    single = generator.eval()(latents)
    write(f"{folder}/sample.safetensors", {"in.latent": latents, "out.image": exact},
          {"width": 2, "latent": 6, "side": 64}, {"out.image": relative(single, exact)})


if __name__ == "__main__":
    torch.set_num_threads(1)
    os.makedirs(sys.argv[1], exist_ok=True)
    steps(sys.argv[1], "training_1", seed=1, replicas=1, batch=5)
    steps(sys.argv[1], "training_2", seed=2, replicas=2, batch=3)
    published(sys.argv[1])
