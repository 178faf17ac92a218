"""The world of Scenes: what a picture may show, and how it is drawn.

A scene is a background, a style and one or two things; a thing has a kind, a colour and a place. Scenes are kept as
tensors (one row a scene) and drawn in batches from signed distances, antialiased, together with the mask of each thing.
"""
from dataclasses import dataclass

import torch

SIZE = 128
BOX = 52             # side of the box that a thing is drawn in
BACKGROUNDS = ["meadow", "desert", "sea", "night", "snow"]
STYLES = ["plain", "striped", "sketch"]
THINGS = ["ball", "box", "tent", "star", "tree", "house"]
COLOURS = ["red", "orange", "yellow", "green", "blue", "purple"]
PLACES = ["top left", "top right", "bottom left", "bottom right", "centre"]

CENTRES = torch.tensor([[32.0, 32.0], [96.0, 32.0], [32.0, 96.0], [96.0, 96.0], [64.0, 64.0]])
RGB = torch.tensor([
    [0.87, 0.13, 0.15], [0.98, 0.53, 0.07], [0.99, 0.86, 0.16],
    [0.13, 0.60, 0.22], [0.14, 0.36, 0.88], [0.58, 0.22, 0.74],
])
PAPER = torch.tensor([0.98, 0.96, 0.91])
BROWN = torch.tensor([0.48, 0.31, 0.18])

# (kind, colour, place) that no training picture shows: three of each kind and of each colour.
HELD_OUT = frozenset((i, (i + 2 * k) % 6, (2 * i + k) % 5) for i in range(6) for k in range(3))
_IS_HELD_OUT = torch.zeros(6, 6, 5, dtype=torch.bool)
for _triple in HELD_OUT:
    _IS_HELD_OUT[_triple] = True


@dataclass
class Scenes:
    """A batch of scenes. `count` is 1 or 2; the second thing of a scene with count 1 is meaningless."""

    background: torch.Tensor  # [B]
    style: torch.Tensor       # [B]
    count: torch.Tensor       # [B]
    kind: torch.Tensor        # [B, 2]
    colour: torch.Tensor      # [B, 2]
    place: torch.Tensor       # [B, 2]
    centre: torch.Tensor      # [B, 2, 2] in pixels, x then y
    radius: torch.Tensor      # [B, 2] in pixels
    horizon: torch.Tensor     # [B] in pixels

    def __len__(self):
        return len(self.background)

    def __getitem__(self, rows):
        return Scenes(**{name: value[rows] for name, value in vars(self).items()})

    def held_out(self):
        """[B, 2]: whether each thing is one of the held-out triples."""
        present = torch.arange(2) < self.count[:, None]
        return _IS_HELD_OUT[self.kind, self.colour, self.place] & present


def _draw_scenes(n, generator):
    def pick(high, *shape):
        return torch.randint(high, shape, generator=generator)

    def uniform(low, high, *shape):
        return low + (high - low) * torch.rand(*shape, generator=generator)

    kind, place = pick(6, n, 2), pick(5, n, 2)
    kind[:, 1] = (kind[:, 0] + 1 + pick(5, n)) % 6     # the two things of a scene differ in kind and in place
    place[:, 1] = (place[:, 0] + 1 + pick(4, n)) % 5
    return Scenes(
        background=pick(5, n), style=pick(3, n), count=1 + (torch.rand(n, generator=generator) < 0.6).long(),
        kind=kind, colour=pick(6, n, 2), place=place,
        centre=CENTRES[place] + uniform(-5, 5, n, 2, 2), radius=uniform(15, 20, n, 2), horizon=uniform(60, 74, n),
    )


def sample(n, seed, held_out=False):
    """`n` scenes. With `held_out` each shows at least one held-out triple; without, none does."""
    generator = torch.Generator().manual_seed(seed)
    kept, have = [], 0
    while have < n:
        scenes = _draw_scenes(max(256, 2 * n if not held_out else 8 * n), generator)
        scenes = scenes[scenes.held_out().any(1) == held_out]
        kept.append(scenes)
        have += len(scenes)
    return Scenes(**{name: torch.cat([getattr(s, name) for s in kept])[:n] for name in vars(kept[0])})


# Signed distances, in units of the radius, of points (u, v) with v pointing down.

def _circle(u, v, cu, cv, r):
    return ((u - cu) ** 2 + (v - cv) ** 2).sqrt() - r


def _rect(u, v, u0, v0, u1, v1):
    du, dv = (u - (u0 + u1) / 2).abs() - (u1 - u0) / 2, (v - (v0 + v1) / 2).abs() - (v1 - v0) / 2
    return (du.clamp(min=0) ** 2 + dv.clamp(min=0) ** 2).sqrt() + torch.maximum(du, dv).clamp(max=0)


def _gable(u, v, top, base, half):
    """An isosceles triangle with its apex at (0, top) and its base of half-width `half` at v = base."""
    height = base - top
    length = (height ** 2 + half ** 2) ** 0.5
    return torch.maximum((u.abs() * height - (v - top) * half) / length, v - base)


def _star(u, v):
    angle = torch.atan2(u, -v)
    sector = 2 * torch.pi / 5
    folded = ((angle + sector / 2) % sector - sector / 2).abs()
    rho = (u ** 2 + v ** 2).sqrt()
    x, y = rho * torch.cos(folded), rho * torch.sin(folded)
    outer, inner = 1.15, 0.50
    ix, iy = inner * torch.cos(torch.tensor(sector / 2)), inner * torch.sin(torch.tensor(sector / 2))
    nx, ny = iy, outer - ix                              # the normal of the edge from the tip to the inner corner
    norm = (nx ** 2 + ny ** 2) ** 0.5
    return ((x - outer) * nx + y * ny) / norm


def _parts(kind, u, v):
    """The parts of a thing, back to front: (signed distance, shade). Shades: 'fill', 'dark', 'door', 'light', 'brown'."""
    if kind == "ball":
        return [(_circle(u, v, 0, 0, 1.0), "fill"), (_circle(u, v, -0.36, -0.38, 0.24), "light")]
    if kind == "box":
        return [(_rect(u, v, -0.9, -0.85, 0.9, 0.9), "fill"), (_rect(u, v, -0.9, -0.85, 0.9, -0.38), "dark")]
    if kind == "tent":
        return [(_gable(u, v, -1.1, 0.88, 1.2), "fill"), (_gable(u, v, -0.25, 0.88, 0.48), "door")]
    if kind == "star":
        return [(_star(u, v), "fill")]
    if kind == "tree":
        crown = torch.minimum(_circle(u, v, 0, -0.52, 0.56),
                              torch.minimum(_circle(u, v, -0.46, -0.02, 0.5), _circle(u, v, 0.46, -0.02, 0.5)))
        return [(_rect(u, v, -0.2, 0.2, 0.2, 1.05), "brown"), (crown, "fill")]
    return [(_rect(u, v, -0.74, -0.3, 0.74, 0.98), "fill"), (_gable(u, v, -1.12, -0.12, 1.08), "dark"),
            (_rect(u, v, -0.22, 0.3, 0.22, 0.98), "door")]


def _background(scenes, x, y):
    """[B, 3, H, W]: sky and ground of each scene."""
    n = len(scenes)
    sky = torch.tensor([[0.66, 0.86, 0.98], [0.99, 0.88, 0.70], [0.80, 0.92, 0.97], [0.09, 0.09, 0.26], [0.74, 0.79, 0.88]])
    ground = torch.tensor([[0.56, 0.80, 0.40], [0.91, 0.74, 0.47], [0.22, 0.60, 0.74], [0.17, 0.20, 0.33], [0.97, 0.98, 1.0]])
    horizon = scenes.horizon.view(n, 1, 1)
    kind = scenes.background.view(n, 1, 1)
    hills = torch.stack([
        4 * torch.sin(x / 20.0), 5 * torch.sin(x / 13.0 + 1.0).abs() - 2, 0 * x,
        6 * torch.sin(x / 30.0 + 2.0), 9 * ((x / 32.0) % 1.0 - 0.5).abs() * 2 - 4,
    ])                                                   # [5, H, W]
    below = (y - horizon + hills[scenes.background] + 0.5).clamp(0, 1)
    image = torch.lerp(sky[scenes.background].view(n, 3, 1, 1), ground[scenes.background].view(n, 3, 1, 1), below[:, None])

    # Texture: waves on the sea, dots in the sky of night (stars) and snow (flakes), always at the same places.
    wave = ((torch.sin((y + 1.5 * torch.sin(x / 5.0)) * (2 * torch.pi / 16)) - 0.55) * 3).clamp(0, 1)
    wave = (wave * below * (kind == 2))[:, None]
    image = torch.lerp(image, torch.tensor([0.55, 0.80, 0.88]).view(1, 3, 1, 1).expand_as(image), wave * 0.8)
    dots = torch.full_like(x, 9.0)
    for cx, cy in [(12, 12), (44, 20), (68, 8), (92, 24), (116, 12), (20, 44), (60, 36), (100, 48), (124, 40), (4, 60), (76, 52)]:
        dots = torch.minimum(dots, ((x - cx) ** 2 + (y - cy) ** 2).sqrt() - 1.4)
    dots = ((0.5 - dots).clamp(0, 1) * (1 - below) * ((kind == 3) | (kind == 4)))[:, None]
    image = torch.lerp(image, torch.tensor([1.0, 1.0, 0.93]).view(1, 3, 1, 1).expand_as(image), dots)
    sketch = (scenes.style == 2).view(n, 1, 1, 1)
    return torch.where(sketch, torch.lerp(PAPER.view(1, 3, 1, 1).expand_as(image), image, 0.45), image)


def _draw_thing(image, mask, scenes, which, rows, kind):
    """Draws thing `which` of the scenes `rows`, all of one kind, into `image` and `mask`, inside a box around it."""
    n = len(rows)
    corner = scenes.centre[rows, which].floor().long() - BOX // 2
    columns, lines = (corner[:, i, None] + torch.arange(BOX) for i in range(2))
    x, y = columns[:, None, :] + 0.5, lines[:, :, None] + 0.5
    radius = scenes.radius[rows, which].view(n, 1, 1)
    u = (x - scenes.centre[rows, which, 0].view(n, 1, 1)) / radius
    v = (y - scenes.centre[rows, which, 1].view(n, 1, 1)) / radius
    colour = RGB[scenes.colour[rows, which]].view(n, 3, 1, 1)
    style = scenes.style[rows].view(n, 1, 1, 1)
    white, brown, paper = (shade.view(1, 3, 1, 1) for shade in (torch.ones(3), BROWN, PAPER))
    stripe = (0.5 + 1.5 * torch.sin((x + y) * (2 * torch.pi / 8))).clamp(0, 1)[:, None]

    def fill(shade):
        if shade == "light":
            return torch.lerp(colour, white, 0.7)
        base = brown.expand(n, 3, 1, 1) if shade == "brown" else colour
        base = base * {"dark": 0.72, "door": 0.35}.get(shade, 1.0)
        striped = torch.lerp(base, white, 0.75 * (1 - stripe)) if shade in ("fill", "dark") else base
        pale = torch.lerp(paper, base, {"fill": 0.22, "dark": 0.45, "door": 0.8}.get(shade, 0.5))
        return torch.where(style == 1, striped, torch.where(style == 2, pale, base))

    parts = [(d * radius, shade) for d, shade in _parts(kind, u, v)]
    whole = torch.stack([d for d, shade in parts]).amin(0)
    place = (rows.view(n, 1, 1, 1), torch.arange(3).view(1, 3, 1, 1), lines.view(n, 1, BOX, 1), columns.view(n, 1, 1, BOX))
    patch = image[place]
    edge = torch.where(style == 2, colour * 0.85, colour * 0.22)
    width = torch.where(style == 2, 2.6, 1.8).view(n, 1, 1)
    patch = torch.lerp(patch, edge.expand_as(patch), (0.5 - whole).clamp(0, 1)[:, None])
    for d, shade in parts:
        inset = 0.0 if shade == "light" else 1.0
        inside = (0.5 - (torch.maximum(d, whole) + inset * width)).clamp(0, 1)[:, None]
        patch = torch.lerp(patch, fill(shade).expand_as(patch), inside)
    image[place] = patch
    spot = (rows.view(n, 1, 1), lines.view(n, BOX, 1), columns.view(n, 1, BOX))
    mask[spot] = torch.where(whole <= 0, torch.tensor(which + 1, dtype=torch.uint8), mask[spot])


def render(scenes):
    """Pictures, uint8 [B, 3, 128, 128], and masks, uint8 [B, 128, 128]: 0 background, 1 first thing, 2 second thing."""
    axis = torch.arange(SIZE, dtype=torch.float32) + 0.5
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    image = _background(scenes, x, y)
    mask = torch.zeros(len(scenes), SIZE, SIZE, dtype=torch.uint8)
    for which in range(2):
        for k, kind in enumerate(THINGS):
            rows = torch.nonzero((scenes.kind[:, which] == k) & (scenes.count > which)).flatten()
            if len(rows):
                _draw_thing(image, mask, scenes, which, rows, kind)
    return (image.clamp(0, 1) * 255 + 0.5).to(torch.uint8), mask


def contact_sheet(images, columns, texts=None):
    """One PIL picture of uint8 images [N, 3, H, W] in rows of `columns`, each above its text where texts are given."""
    import textwrap

    from PIL import Image, ImageDraw, ImageFont

    rows, line = (len(images) + columns - 1) // columns, 11
    height = SIZE + 4 + (4 * line if texts else 0)
    sheet = Image.new("RGB", (columns * (SIZE + 4) - 4, rows * height - 4), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(10)
    for i, image in enumerate(images):
        left, top = (i % columns) * (SIZE + 4), (i // columns) * height
        sheet.paste(Image.fromarray(image.permute(1, 2, 0).contiguous().numpy()), (left, top))
        for k, text in enumerate(textwrap.wrap(texts[i], 26)[:4] if texts else []):
            draw.text((left + 2, top + SIZE + 1 + k * line), text, fill="black", font=font)
    return sheet
