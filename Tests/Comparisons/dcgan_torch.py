"""DCGAN in PyTorch: what fixtures and comparisons of speed beside this file train.

Layers, names and first values are those of pytorch/examples (dcgan/main.py): a state_dict is interchangeable
with its files. At 32 pixels there is one stage less, at 128 one more. Pictures are in [-1, 1].
"""
import math

import torch
from torch import nn
import torch.nn.functional as F


def _channels(width, side):
    """Channels of the maps of 4, 8, ... side / 2 pixels."""
    count = int(math.log2(side // 4))
    return [width << (count - 1 - i) for i in range(count)]


class _Network(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.main = nn.Sequential(*layers)
        for module in self.main:
            if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
                nn.init.normal_(module.weight, 0.0, 0.02)
            elif isinstance(module, nn.BatchNorm2d):
                nn.init.normal_(module.weight, 1.0, 0.02)
                nn.init.zeros_(module.bias)


class Generator(_Network):
    """Latents [N, latent] to pictures [N, 3, side, side]."""

    def __init__(self, width=64, latent=100, side=64):
        widths = _channels(width, side)
        layers = [nn.ConvTranspose2d(latent, widths[0], 4, 1, 0, bias=False)]
        for cin, cout in zip(widths, widths[1:] + [3]):
            layers += [nn.BatchNorm2d(cin), nn.ReLU(), nn.ConvTranspose2d(cin, cout, 4, 2, 1, bias=False)]
        super().__init__(layers + [nn.Tanh()])

    def forward(self, latents):
        return self.main(latents[:, :, None, None])


class Discriminator(_Network):
    """Pictures [N, 3, side, side] to numbers before the sigmoid, [N, 1]."""

    def __init__(self, width=64, side=64):
        widths = _channels(width, side)[::-1]
        layers = [nn.Conv2d(3, widths[0], 4, 2, 1, bias=False), nn.LeakyReLU(0.2)]
        for cin, cout in zip(widths, widths[1:]):
            layers += [nn.Conv2d(cin, cout, 4, 2, 1, bias=False), nn.BatchNorm2d(cout), nn.LeakyReLU(0.2)]
        super().__init__(layers + [nn.Conv2d(widths[-1], 1, 4, 1, 0, bias=False)])

    def forward(self, pictures):
        return self.main(pictures).flatten(1)


def cross_entropy(logits, label):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))


def training_step(G, D, optimizer_G, optimizer_D, images, latents):
    """The discriminator on originals, then on fakes, then the generator through the same fakes."""
    optimizer_D.zero_grad()
    cross_entropy(D(images), 1.0).backward()
    fakes = G(latents)
    cross_entropy(D(fakes.detach()), 0.0).backward()
    optimizer_D.step()
    optimizer_G.zero_grad()
    cross_entropy(D(fakes), 1.0).backward()
    optimizer_G.step()
