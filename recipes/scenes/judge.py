"""The judge's networks: a segmenter that reads things, colours, background and style, an image-text dual encoder, and a perceptual
distance over the features of its image half."""
import torch
import torch.nn.functional as F
from torch import nn

import world

EMBEDDING = 128


def _unit(x):
    return x / x.norm(dim=1, keepdim=True).clamp(min=1e-6)


def _conv(inputs, outputs, stride=1, kernel=3):
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


class Segmenter(nn.Module):
    """Image [B, 3, H, W] in [0, 1] -> thing and colour logits [B, 7, H, W] (0 is none), background [B, 5], style [B, 3]."""

    def __init__(self, widths=(24, 48, 64, 96)):
        super().__init__()
        self.stem = nn.Sequential(_conv(3, widths[0], 2, 5), _conv(widths[0], widths[0]))
        self.down = nn.ModuleList(nn.Sequential(_conv(a, b, 2), _conv(b, b)) for a, b in zip(widths, widths[1:]))
        self.up = nn.ModuleList(_conv(a + b, a) for a, b in zip(widths[-2::-1], widths[:0:-1]))
        self.maps = nn.Conv2d(widths[0], 2 * 7, 3, padding=1)
        self.scene = nn.Sequential(nn.Linear(sum(widths[1:]), 64), nn.ReLU(), nn.Linear(64, 5 + 3))

    def forward(self, image):
        levels = [self.stem(image - 0.5)]
        for down in self.down:
            levels.append(down(levels[-1]))
        pooled = torch.cat([level.mean((2, 3)) for level in levels[1:]], 1)
        x = levels.pop()
        for up in self.up:
            x = up(torch.cat([F.interpolate(x, scale_factor=2.0, mode="nearest"), levels.pop()], 1))
        maps = F.interpolate(self.maps(x), scale_factor=2.0, mode="bilinear", align_corners=False)
        scene = self.scene(pooled)
        return maps[:, :7], maps[:, 7:], scene[:, :5], scene[:, 5:]


class ImageEncoder(nn.Module):
    """Image [B, 3, 128, 128] in [0, 1] -> unit embedding [B, 128]; the last step keeps where things are."""

    def __init__(self, widths=(24, 32, 64, 96)):
        super().__init__()
        layers = [_conv(3, widths[0], 2, 5)]
        for a, b in zip(widths, widths[1:]):
            layers += [_conv(a, b, 2), _conv(b, b)]
        self.features = nn.Sequential(*layers, _conv(widths[-1], 24, kernel=1))
        self.project = nn.Linear(24 * (world.SIZE // 16) ** 2, EMBEDDING)

    def forward(self, image):
        return _unit(self.project(self.features(image - 0.5).flatten(1)))


class TextEncoder(nn.Module):
    """Token ids [B, 32] -> unit embedding [B, 128]. Three layers over windows of words, then attention pooling."""

    def __init__(self, vocabulary, padding, width=64):
        super().__init__()
        self.padding = padding
        self.words = nn.Embedding(vocabulary, width)
        self.windows = nn.ModuleList(nn.Conv1d(a, 128, 5, padding=2) for a in (width, 128, 128))
        self.weight = nn.Linear(128, 1)
        self.project = nn.Linear(128, EMBEDDING)

    def forward(self, input_ids):
        x = self.words(input_ids).transpose(1, 2)
        real = (input_ids != self.padding).to(x.dtype)[:, None]
        for window in self.windows:
            x = torch.relu(window(x * real))
        x = x.transpose(1, 2)
        weight = torch.softmax(self.weight(x) - 1e4 * (1 - real.transpose(1, 2)), 1)
        return _unit(self.project((x * weight).sum(1)))


class Perceptual(nn.Module):
    """Two images [B, 3, H, W] in [0, 1] -> distance map [B, 1, H, W]: how differently the image encoder sees each place.

    As LPIPS (Zhang et al. 2018) without its learned weights: features of several layers, each made a unit vector over its channels, compared
    place by place, brought to the size of the image and averaged. At every layer the distance is 1 - cosine: 0 for equal pictures, at most 1,
    because features are never negative.
    """

    def __init__(self, encoder: ImageEncoder):
        super().__init__()
        # One after the other: the stem at half the size, then the end of each later stage.
        self.stages = nn.ModuleList([encoder.features[0], *(encoder.features[i:i + 2] for i in range(1, len(encoder.features) - 1, 2))])

    def forward(self, image, other):
        a, b = image - 0.5, other - 0.5
        distance = 0
        for stage in self.stages:
            a, b = stage(a), stage(b)
            square = (_unit(a) - _unit(b)).square().sum(1, keepdim=True) / 2
            distance = distance + F.interpolate(square, size=image.shape[2:], mode="bilinear", align_corners=False)
        return distance / len(self.stages)
