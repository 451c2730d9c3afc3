"""DeepFill v1 in PyTorch: what the comparison of speed beside this file trains.

Networks take float tensors [N, C, H, W]. Images are in [-1, 1]; a mask [N, 1, H, W] is 1 where pixels are missing, and every
sample has its own. Parameter names are those of the PyTorch port's files, so a state_dict is interchangeable with them.
compat "torch" | "tf" says whose weights a network fits: it decides the padding of stride-2 convolutions, the pixels that a
nearest downscale picks, the patch norm of the attention and the width of the local critic's last convolution.
Losses follow the TF code whatever compat is: the penalty counts gradients inside the hole only, L1 compares the raw
predictions, and the auto-encoder term is divided by the share of known pixels.
"""
from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import nn
import torch.nn.functional as F

from dmfn_torch import crop

# ---- building blocks ----------------------------------------------------------------------


class ConvUnit(nn.Module):
    """Nearest upsampling x2 (if up), zero-padded convolution, activation. Height and width are even where stride is 2."""

    def __init__(self, cin, cout, k=3, stride=1, dilation=1, up=False, act=F.elu, compat="torch"):
        super().__init__()
        self.extra = stride - 1 if compat == "tf" else 0  # zeros that TF's SAME adds at the bottom and right only
        self.conv = nn.Conv2d(cin, cout, k, stride, (dilation * (k - 1) - self.extra) // 2, dilation)
        self.up, self.act = up, act

    def forward(self, x):
        if self.up:
            x = F.interpolate(x, scale_factor=2)
        return self.act(self.conv(F.pad(x, (0, self.extra, 0, self.extra))))


class Stage(nn.Module):
    """Convolutions registered under their published names, run in chains."""

    def chain(self, cin, units, compat):
        """units: list of (name, output channels, options of ConvUnit). Returns the names."""
        for name, cout, options in units:
            setattr(self, name, ConvUnit(cin, cout, compat=compat, **options))
            cin = cout
        return [name for name, _, _ in units]

    def run(self, x, names):
        for name in names:
            x = getattr(self, name)(x)
        return x


def encoder(prefix, widths, last=F.elu):
    """Layers 1 to 6, to a quarter of height and width."""
    layer = lambda i, w: (f"{prefix}{i}", w, {"k": 5} if i == 1 else {"act": last} if i == 6 else {})
    halving = lambda i, w: (f"{prefix}{i}_downsample", w, {"stride": 2})
    return [(halving if i in (2, 4) else layer)(i, w) for i, w in enumerate(widths, 1)]


def dilated(width):
    """Layers 7 to 10, with dilation 2, 4, 8, 16."""
    return [(f"conv{i}_atrous", width, {"dilation": 2 ** (i - 6)}) for i in (7, 8, 9, 10)]


def decoder(prefix, c):
    """Layers 11 to 17, back to full size and to an image clipped to [-1, 1]."""
    units = [(f"{prefix}{i}", w, {"up": i in (13, 15)}) for i, w in enumerate((4 * c, 4 * c, 2 * c, 2 * c, c, c // 2), 11)]
    return units + [(f"{prefix}17", 3, {"act": lambda t: t.clamp(-1, 1)})]


# ---- contextual attention -----------------------------------------------------------------


def nearest(x, height, width, compat):
    """Picks rows and columns: floor(i n / m) for torch, floor(i (n - 1) / (m - 1) + 1/2) for tf, from n to m."""
    def index(n, m):
        i, d = torch.arange(m), max(m - 1, 1)
        return i * n // m if compat == "torch" else (2 * i * (n - 1) + d) // (2 * d)
    return x[:, :, index(x.shape[2], height)][:, :, :, index(x.shape[3], width)]


def valid_patches(mask, full, small, compat):
    """1 where the 3x3 patch of a place (small, row-major) has no missing pixel: [N, 1, h w]; tf samples the mask via size full."""
    if compat == "tf":
        mask = nearest(mask, *full, compat)
    return (F.max_pool2d(nearest(mask, *small, compat), 3, 1, 1) == 0).flatten(2).to(mask.dtype)


def diagonal_sum(s):
    """s[i - 1, j - 1] + s[i, j] + s[i + 1, j + 1], zeros outside: [N, P, P] -> [N, P, P]."""
    p = F.pad(s, (1, 1, 1, 1))
    return p[:, :-2, :-2] + s + p[:, 2:, 2:]


def transposed_places(s, h, w):
    """Renumbers both axes of [N, h w, h w] from row-major to column-major."""
    return s.unflatten(2, (h, w)).unflatten(1, (h, w)).permute(0, 2, 1, 4, 3).flatten(3).flatten(1, 2)


def attention_weights(x, mask, compat="torch", rate=2, scale=10.0):
    """How much each place i of x [N, C, H, W] takes from each place j: [N, P, P], P = (H / rate) (W / rate)."""
    full = x.shape[2:]
    h, w = full[0] // rate, full[1] // rate
    q = F.unfold(nearest(x, h, w, compat), 3, padding=1)
    square = q.pow(2).sum(1, keepdim=True)
    norm = (square + 1e-4 * q.shape[1] if compat == "torch" else square.clamp_min(1e-8)).sqrt()
    s = diagonal_sum(q.transpose(1, 2) @ (q / norm))
    s = transposed_places(diagonal_sum(transposed_places(s, h, w)), w, h)
    valid = valid_patches(mask, full, (h, w), compat)
    return (scale * s * valid).softmax(2) * valid


def contextual_attention(x, mask, compat="torch", rate=2):
    """Rebuilds x [N, C, H, W] from its own patches outside the hole; mask [N, 1, ., .] is any multiple of its size."""
    weights = attention_weights(x, mask, compat, rate)
    windows = dict(kernel_size=2 * rate, padding=rate // 2, stride=rate)
    patches = F.unfold(x, **windows)
    return F.fold(patches @ weights.transpose(1, 2), x.shape[2:], **windows) / 4


# ---- networks -----------------------------------------------------------------------------


class CoarseGenerator(Stage):
    """[N, 5, H, W] (image, ones, mask) -> [N, 3, H, W]."""

    def __init__(self, c, compat):
        super().__init__()
        units = encoder("conv", (c, 2 * c, 2 * c, 4 * c, 4 * c, 4 * c)) + dilated(4 * c) + decoder("conv", c)
        self.layers = self.chain(5, units, compat)

    def forward(self, x):
        return self.run(x, self.layers)


class FineGenerator(Stage):
    """[N, 5, H, W] (image, ones, mask) -> [N, 3, H, W]: a dilated branch and an attention branch, then one decoder."""

    def __init__(self, c, compat):
        super().__init__()
        self.compat = compat
        self.dilated = self.chain(5, encoder("conv", (c, c, 2 * c, 2 * c, 4 * c, 4 * c)) + dilated(4 * c), compat)
        self.before = self.chain(5, encoder("pmconv", (c, c, 2 * c, 4 * c, 4 * c, 4 * c), F.relu), compat)
        self.after = self.chain(4 * c, [("pmconv9", 4 * c, {}), ("pmconv10", 4 * c, {})], compat)
        self.merged = self.chain(8 * c, decoder("allconv", c), compat)

    def forward(self, x, mask):
        attended = contextual_attention(self.run(x, self.before), mask, self.compat)
        return self.run(torch.cat([self.run(x, self.dilated), self.run(attended, self.after)], 1), self.merged)


class Generator(nn.Module):
    """Masked image [N, 3, H, W] and mask -> coarse and fine predictions [N, 3, H, W]; H and W are multiples of 8."""

    def __init__(self, width=32, compat="torch"):
        super().__init__()
        self.coarse_generator = CoarseGenerator(width, compat)
        self.fine_generator = FineGenerator(width, compat)

    def forward(self, masked, mask):
        planes = torch.cat([torch.ones_like(mask), mask], 1)
        coarse = self.coarse_generator(torch.cat([masked, planes], 1))
        filled = masked * (1 - mask) + coarse * mask
        return coarse, self.fine_generator(torch.cat([filled, planes], 1), mask)


class Critic(nn.Module):
    """[N, 3, side, side] -> [N, 1] scores; side is a multiple of 16.

    The linear layer reads (channel, row, column); weights from TF, which reads (row, column, channel), have to be permuted.
    """

    def __init__(self, widths, side, compat):
        super().__init__()
        act = lambda t: F.leaky_relu(t, 0.2)
        self.dis_conv_module = nn.Sequential(OrderedDict(
            (f"conv{i}", ConvUnit(a, b, 5, 2, act=act, compat=compat)) for i, (a, b) in enumerate(zip((3, *widths), widths), 1)))
        self.linear = nn.Linear(widths[-1] * (side // 16) ** 2, 1)

    def forward(self, x):
        return self.linear(self.dis_conv_module(x).flatten(1))


class Critics(nn.Module):
    """Two critics: the crop around the hole (side crop) and the whole image (side s) -> two [N, 1] scores."""

    def __init__(self, width=64, side=256, crop=128, compat="torch"):
        super().__init__()
        w = width
        self.localD = Critic((w, 2 * w, 4 * w, 8 * w if compat == "tf" else 4 * w), crop, compat)
        self.globalD = Critic((w, 2 * w, 4 * w, 4 * w), side, compat)

    def forward(self, local, whole):
        return self.localD(local), self.globalD(whole)


def initialise(module):
    """Convolution and linear weights uniform in +-sqrt(6 / (fan in + fan out)), bias 0, as in the TF code."""
    for m in module.modules():
        if isinstance(m, (nn.Conv2d, nn.Linear)):
            nn.init.xavier_uniform_(m.weight), nn.init.zeros_(m.bias)
    return module


# ---- losses -------------------------------------------------------------------------------


@dataclass
class LossWeights:
    discounted_l1: float = 1.2
    autoencoder: float = 1.2
    adversarial: float = 0.001
    coarse: float = 1.2  # of the coarse prediction, against the fine one's 1, inside the first two terms
    whole: float = 1.0  # of the global critic, against the local one's 1, inside the adversarial term
    penalty: float = 10.0
    discount: float = 0.9


def discount_map(h, w, gamma):
    """gamma ** (distance to the nearest side of a box), 1 in row 0 and column 0, gamma in the last ones: [h, w]."""
    y, x = torch.arange(h), torch.arange(w)
    return gamma ** torch.minimum(torch.minimum(y, h - y)[:, None], torch.minimum(x, w - x)).double()


def discounted_l1(output, target, gamma):
    """Mean absolute error inside the box, weighted by discount_map; both [N, 3, h, w]."""
    return ((output - target).abs() * discount_map(*output.shape[2:], gamma).to(output)).mean()


def known_l1(output, target, mask):
    """Mean absolute error over the known pixels of each sample, averaged over samples."""
    known = 1 - mask
    error = ((output - target).abs() * known).mean((1, 2, 3))
    return (error / known.mean((1, 2, 3)).clamp_min(1e-12)).mean()


def gradient_penalty(critic, real, fake, mask, t):
    """Mean of (norm of the critic's gradient inside the hole - 1)^2 at real + t (fake - real), t [N]; the pictures have no graph."""
    x = (real + t.view(-1, 1, 1, 1) * (fake - real)).requires_grad_()
    g, = torch.autograd.grad(critic(x).sum(), x, create_graph=True)
    return (((g.pow(2) * mask).sum((1, 2, 3)) + 1e-12).sqrt() - 1).pow(2).mean()


# ---- one training step --------------------------------------------------------------------


def composite(G, image, mask):
    """-> (coarse, fine, the image with its hole filled from fine)."""
    coarse, fine = G(image * (1 - mask), mask)
    return coarse, fine, mask * fine + (1 - mask) * image


def generator_loss(G, D, image, mask, boxes, weights=LossWeights()):
    """-> (weighted total, terms by name, composite). Critic parameters must not require gradients."""
    coarse, fine, output = composite(G, image, mask)
    in_box = lambda x: discounted_l1(crop(x, boxes), crop(image, boxes), weights.discount)
    local, whole = D(crop(output, boxes), output)
    terms = {
        "discounted_l1": weights.coarse * in_box(coarse) + in_box(fine),
        "autoencoder": weights.coarse * known_l1(coarse, image, mask) + known_l1(fine, image, mask),
        "adversarial": -local.mean() - weights.whole * whole.mean()}
    return sum(getattr(weights, k) * v for k, v in terms.items()), terms, output


def discriminator_loss(D, image, output, mask, boxes, factors, weights=LossWeights()):
    """-> (weighted total, terms by name). factors [2, N]: the penalty's t for the local and the global critic."""
    views = [(D.localD, *(crop(v, boxes) for v in (image, output, mask))), (D.globalD, image, output, mask)]
    terms = {
        "wasserstein": sum(critic(fake).mean() - critic(real).mean() for critic, real, fake, _ in views),
        "penalty": sum(gradient_penalty(*view, t) for view, t in zip(views, factors))}
    return terms["wasserstein"] + weights.penalty * terms["penalty"], terms


def discriminator_step(G, D, opt, replicas, weights=LossWeights()):
    """One critic update. replicas: list of (image, mask, boxes, factors). Returns the means of the terms."""
    log = {}
    D.requires_grad_(True)
    opt.zero_grad()
    for image, mask, boxes, factors in replicas:
        with torch.no_grad():
            output = composite(G, image, mask)[2]
        total, terms = discriminator_loss(D, image, output, mask, boxes, factors, weights)
        (total / len(replicas)).backward()
        accumulate(log, {**terms, "discriminator": total}, len(replicas))
    opt.step()
    return log


def generator_step(G, D, opt, replicas, weights=LossWeights()):
    """One generator update. replicas: list of (image, mask, boxes). Returns the composites and the means of the terms."""
    outputs, log = [], {}
    D.requires_grad_(False)
    opt.zero_grad()
    for image, mask, boxes in replicas:
        total, terms, output = generator_loss(G, D, image, mask, boxes, weights)
        (total / len(replicas)).backward()
        outputs.append(output.detach())
        accumulate(log, {**terms, "generator": total}, len(replicas))
    opt.step()
    return outputs, log


def accumulate(log, terms, count):
    for k, v in terms.items():
        log[k] = log.get(k, 0) + v.item() / count


def optimizer(module, learning_rate=1e-4):
    return torch.optim.Adam(module.parameters(), learning_rate, (0.5, 0.9))


def training_step(G, D, opt_g, opt_d, critic_batches, replicas, weights=LossWeights()):
    """A critic update on each of critic_batches (5 of them in the TF code), then one generator update, each on fresh pictures.

    critic_batches: lists of replicas as discriminator_step takes them; replicas: as generator_step takes them. Gradients are
    averaged over replicas, which is what data-parallel ranks compute. The critics' terms returned are those of their last update.
    """
    for batch in critic_batches:
        log = discriminator_step(G, D, opt_d, batch, weights)
    outputs, generator_log = generator_step(G, D, opt_g, replicas, weights)
    return outputs, {**log, **generator_log}
