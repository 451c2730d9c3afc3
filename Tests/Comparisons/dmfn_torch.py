"""DMFN in PyTorch: what the comparisons of speed beside this file train and run.

Networks take float tensors [N, C, H, W]. Images are in [-1, 1]; a mask is 1 where pixels are missing.
Parameter names are those of the published checkpoints, so a state_dict is interchangeable with them.
"""
from dataclasses import dataclass

import torch
from torch import nn
import torch.nn.functional as F

# ---- building blocks ----------------------------------------------------------------------


def _norm(kind, channels):
    return {"in": nn.InstanceNorm2d, "bn": nn.BatchNorm2d}[kind](channels) if kind else None


class ConvUnit(nn.Module):
    """Zero-padded convolution, then norm (in | bn | None), then activation."""

    def __init__(self, cin, cout, k, stride=1, norm="in", act=F.relu):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, k, stride, (k - 1) // 2)
        self.norm = _norm(norm, cout)
        self.act = act

    def forward(self, x):
        x = self.conv(x)
        return self.act(self.norm(x) if self.norm is not None else x)


class UpUnit(nn.Module):
    """Doubles height and width with a 4x4 transposed convolution, then refines with a 3x3 one."""

    def __init__(self, cin, cout):
        super().__init__()
        self.deconv = nn.ConvTranspose2d(cin, cout, 4, 2, 1)
        self.conv = ConvUnit(cout, cout, 3)

    def forward(self, x):
        return self.conv(F.relu(F.instance_norm(self.deconv(x))))


class DMFB(nn.Module):
    """Dense multi-scale fusion block on nc channels; its four branches are nc/4 wide.

    variant "released": running sums of the branches, 3x3 fusion (what the published weights fit).
    variant "paper": a 3x3 convolution K_i after each sum but the first, 1x1 fusion,
    and instance norm + ReLU on the dilated convolutions.
    """

    def __init__(self, nc, variant="released"):
        super().__init__()
        q = nc // 4
        self.variant = variant
        self.c1 = nn.Conv2d(nc, q, 3, padding=1)
        for i, d in enumerate((1, 2, 4, 8), 1):
            setattr(self, f"d{i}", nn.Conv2d(q, q, 3, padding=d, dilation=d))
        if variant == "paper":
            for i in (2, 3, 4):
                setattr(self, f"k{i}", nn.Conv2d(q, q, 3, padding=1))
        self.c2 = nn.Conv2d(nc, nc, 3 if variant == "released" else 1, padding=1 if variant == "released" else 0)

    def forward(self, x):
        relu_in = lambda t: F.relu(F.instance_norm(t))
        h = relu_in(self.c1(x))
        ys = []
        for i in (1, 2, 3, 4):
            b = getattr(self, f"d{i}")(h)
            if self.variant == "paper":
                b = relu_in(b)
            if ys:
                b = ys[-1] + b
                if self.variant == "paper":
                    b = getattr(self, f"k{i}")(b)
            ys.append(b)
        return x + F.instance_norm(self.c2(relu_in(torch.cat(ys, 1))))


# ---- networks -----------------------------------------------------------------------------


class Generator(nn.Module):
    """[N, 4, H, W] (masked RGB, mask) -> [N, 3, H, W] in [-1, 1]; H and W are multiples of 4."""

    def __init__(self, nf=64, blocks=8, variant="released"):
        super().__init__()
        self.encoder = nn.Sequential(
            ConvUnit(4, nf, 5, norm=None), ConvUnit(nf, 2 * nf, 3, 2),
            ConvUnit(2 * nf, 2 * nf, 3), ConvUnit(2 * nf, 4 * nf, 3, 2))
        self.blocks = nn.Sequential(*[DMFB(4 * nf, variant) for _ in range(blocks)])
        self.decoder = nn.Sequential(
            ConvUnit(4 * nf, 4 * nf, 3), UpUnit(4 * nf, 2 * nf), UpUnit(2 * nf, nf),
            ConvUnit(nf, 3, 3, norm=None, act=torch.tanh))

    def forward(self, x):
        return self.decoder(self.blocks(self.encoder(x)))


class Discriminator(nn.Module):
    """Two branches: the whole image (side s) and its crop (side s/2). Returns ([N, 1] logits, 5 local maps)."""

    def __init__(self, nf=64, side=256):
        super().__init__()
        unit = lambda i, o: ConvUnit(i, o, 5, 2, norm="bn", act=lambda t: F.leaky_relu(t, 0.2))
        w = [3, nf, 2 * nf, 4 * nf, 8 * nf, 8 * nf, 8 * nf]
        self.global_model = nn.Sequential(*[unit(a, b) for a, b in zip(w[:6], w[1:])])
        for i in range(5):
            setattr(self, f"local_fea{i + 1}", unit(w[i], w[i + 1]))
        flat = 8 * nf * (side // 64) ** 2
        self.global_classifier = nn.Linear(flat, 8 * nf)
        self.local_classifier = nn.Linear(flat, 8 * nf)
        self.classifier = nn.Sequential(nn.LeakyReLU(0.2), nn.Linear(16 * nf, 1))

    def forward(self, local, whole):
        maps = []
        for i in range(5):
            local = getattr(self, f"local_fea{i + 1}")(local)
            maps.append(local)
        a = self.local_classifier(local.flatten(1))
        b = self.global_classifier(self.global_model(whole).flatten(1))
        return self.classifier(torch.cat([a, b], 1)), maps


class VGG19(nn.Module):
    """relu1_1, relu2_1, relu3_1, relu4_1, relu5_1 of VGG-19 for inputs in [-1, 1].

    width 64 is the real network (torchvision's `features.N.weight` names); a smaller one is for tests.
    normalisation "exact" maps to ImageNet statistics; "released" repeats the published code's offset.
    """

    def __init__(self, width=64, normalisation="exact"):
        super().__init__()
        plan = [1, 1, "M", 2, 2, "M", 4, 4, 4, 4, "M", 8, 8, 8, 8, "M", 8]
        self.taps, layers, c = [], [], 3
        for i, p in enumerate(plan):
            if p == "M":
                layers.append(nn.MaxPool2d(2))
                continue
            layers += [nn.Conv2d(c, p * width, 3, padding=1), nn.ReLU()]
            if i == 0 or plan[i - 1] == "M":
                self.taps.append(len(layers) - 1)
            c = p * width
        self.features = nn.Sequential(*layers)
        m = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
        self.shift = 2 * m - 1 if normalisation == "exact" else m - 1
        self.scale = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1) * 2
        self.requires_grad_(False)

    def forward(self, x):
        x, out = (x - self.shift.to(x.dtype)) / self.scale.to(x.dtype), []
        for i, m in enumerate(self.features):
            x = m(x)
            if i in self.taps:
                out.append(x)
        return out


def initialise(module):
    """Conv2d ~ N(0, 0.02), bias 0; BatchNorm weight ~ N(1, 0.02); everything else stays at PyTorch's default."""
    for m in module.modules():
        if isinstance(m, nn.Conv2d):
            nn.init.normal_(m.weight, 0, 0.02), nn.init.zeros_(m.bias)
        elif isinstance(m, nn.BatchNorm2d):
            nn.init.normal_(m.weight, 1, 0.02), nn.init.zeros_(m.bias)
    return module


# ---- losses -------------------------------------------------------------------------------

LAYER_WEIGHTS = [1e3 / n ** 2 for n in (64, 128, 256, 512, 512)]


@dataclass
class LossWeights:
    pixel: float = 1.0
    feature: float = 25.0
    alignment: float = 1.0
    adversarial: float = 0.003
    discriminator_feature: float = 5.0


def guidance(output, target):
    """Per-pixel squared error, averaged over channels and scaled by its maximum in each image: [N, 1, H, W]."""
    e = (output.detach() - target).pow(2).mean(1, keepdim=True)
    return e / e.amax((2, 3), keepdim=True).clamp_min(1e-12)


def feature_loss(output_maps, target_maps, guide):
    """Self-guided L1 at relu1_1 and relu2_1 (weight 1 + guide), plain L1 at relu3_1 .. relu5_1."""
    total = 0
    for i, (o, t) in enumerate(zip(output_maps, target_maps)):
        w = 1 + (guide if i == 0 else F.avg_pool2d(guide, 2)) if i < 2 else 1
        total = total + LAYER_WEIGHTS[i] * ((o - t).abs() * w).mean()
    return total


def response_centres(f, eps=1e-7):
    """Centre of mass (x, y) of every channel, coordinates -1, -1 + 2/n, ...: [N, C, 2]."""
    h, w = f.shape[2:]
    p = f + eps
    p = p / p.sum((2, 3), keepdim=True)
    xs, ys = torch.arange(w) / w * 2 - 1, torch.arange(h) / h * 2 - 1
    return torch.stack([(p * xs).sum((2, 3)), (p * ys[:, None]).sum((2, 3))], 2)


def relativistic(real, fake, real_label):
    """Relativistic average loss on logits; real_label 1 for the discriminator, 0 for the generator."""
    bce = lambda z, y: F.binary_cross_entropy_with_logits(z, torch.full_like(z, y))
    return (bce(real - fake.mean(), real_label) + bce(fake - real.mean(), 1 - real_label)) / 2


# ---- one training step --------------------------------------------------------------------


def crop(x, boxes):
    return torch.stack([x[i, :, t:t + h, l:l + w] for i, (t, l, h, w) in enumerate(boxes)])


def composite(G, image, mask):
    masked = image * (1 - mask)
    return mask * G(torch.cat([masked, mask], 1)) + (1 - mask) * masked


def generator_loss(G, D, vgg, image, mask, boxes, weights=LossWeights()):
    """-> (weighted total, terms by name, composite). Discriminator parameters must not require gradients."""
    output = composite(G, image, mask)
    terms = {"pixel": (output - image).abs().mean()}
    if vgg is not None:
        with torch.no_grad():
            target_maps = vgg(image)
        output_maps = vgg(output)
        terms["feature"] = feature_loss(output_maps, target_maps, guidance(output, image))
        if len(output_maps) > 3:
            terms["alignment"] = F.mse_loss(response_centres(output_maps[3]), response_centres(target_maps[3]))
    fake, fake_maps = D(crop(output, boxes), output)
    with torch.no_grad():
        real, real_maps = D(crop(image, boxes), image)
    terms["adversarial"] = relativistic(real, fake, 0.0)
    terms["discriminator_feature"] = sum(
        k * (a - b).abs().mean() for k, a, b in zip(LAYER_WEIGHTS, fake_maps, real_maps))
    return sum(getattr(weights, k) * v for k, v in terms.items()), terms, output


def discriminator_loss(D, image, output, boxes):
    real, _ = D(crop(image, boxes), image)
    fake, _ = D(crop(output, boxes), output)
    return relativistic(real, fake, 1.0)


def training_step(G, D, vgg, opt_g, opt_d, replicas, weights=LossWeights()):
    """One generator update, then one discriminator update on the same composites.

    replicas: list of (image, mask, boxes). Each replica has its own batch statistics and its own
    RaGAN means; gradients are averaged over replicas, which is what data-parallel ranks compute.
    """
    n, outputs, log = len(replicas), [], {}
    D.requires_grad_(False)
    opt_g.zero_grad()
    for image, mask, boxes in replicas:
        total, terms, output = generator_loss(G, D, vgg, image, mask, boxes, weights)
        (total / n).backward()
        outputs.append(output.detach())
        for k, v in {**terms, "generator": total}.items():
            log[k] = log.get(k, 0) + v.item() / n
    opt_g.step()
    D.requires_grad_(True)
    opt_d.zero_grad()
    for (image, mask, boxes), output in zip(replicas, outputs):
        loss = discriminator_loss(D, image, output, boxes)
        (loss / n).backward()
        log["discriminator"] = log.get("discriminator", 0) + loss.item() / n
    opt_d.step()
    return outputs, log
