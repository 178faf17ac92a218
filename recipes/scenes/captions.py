"""Plain English captions of scenes. Each names the things and a random part of what else is known about them."""
from dataclasses import dataclass, field
from random import Random

import world

CORNERS = ["at the {}", "in the {}", "{}", "in the {} corner"]
CENTRE = ["in the centre", "in the middle", "at the centre", "centre"]
HALVES = {"left": ["on the left", "left", "at the left"], "right": ["on the right", "right", "at the right"],
          "top": ["at the top", "top", "above"], "bottom": ["at the bottom", "bottom", "below"]}
BACKGROUNDS = {
    "meadow": ["in a meadow", "on a meadow", "meadow"], "desert": ["in the desert", "in a desert", "desert"],
    "sea": ["at sea", "by the sea", "sea"], "night": ["at night", "in the night", "night"],
    "snow": ["in the snow", "on snow", "snow"],
}
STYLE_BEFORE = {"plain": ["a plain picture of ", "plain "], "striped": ["a striped picture of ", "striped "],
                "sketch": ["a sketch of ", "a pencil sketch of "]}
STYLE_AFTER = {"plain": ["plain", "plain style"], "striped": ["striped", "with stripes"], "sketch": ["sketch", "as a sketch"]}


@dataclass
class Asked:
    """What a caption asks for: names of `world`, None where it leaves the choice open."""

    things: list = field(default_factory=list)   # of {"kind", "colour", "place"}; a place may be a half: "left", "top", ...
    background: str | None = None
    style: str | None = None


def _place(name, random):
    """A phrase for a place of `world.PLACES`, exact or only its half, and the name of what it says."""
    if name == "centre":
        return random.choice(CENTRE), name
    if random.random() < 0.3:
        half = random.choice(name.split())
        return random.choice(HALVES[half]), half
    return random.choice(CORNERS).format(name), name


def _thing(scene, which, random, full):
    kind = world.THINGS[scene.kind[which]]
    colour = world.COLOURS[scene.colour[which]] if full or random.random() < 0.75 else None
    words, place = f"{colour} {kind}" if colour else kind, None
    article = "an" if words[0] == "o" else "a"
    text = f"{article} {words}"
    if full or random.random() < 0.7:
        phrase, place = _place(world.PLACES[scene.place[which]], random)
        while full and place != world.PLACES[scene.place[which]]:
            phrase, place = _place(world.PLACES[scene.place[which]], random)
        text = f"{text} {phrase}"
    return text, {"kind": kind, "colour": colour, "place": place}


def caption(scene, random: Random, full=False):
    """A caption of one scene (a row of `world.Scenes`, as lists) and what it asks. With `full` every thing gets its colour and exact place."""
    order = list(range(scene.count))
    random.shuffle(order)
    phrases, asked = [], Asked()
    for which in order:
        text, thing = _thing(scene, which, random, full)
        phrases.append(text)
        asked.things.append(thing)
    text = random.choice([" and ", ", ", " and "]).join(phrases)
    background, style = world.BACKGROUNDS[scene.background], world.STYLES[scene.style]
    before, after = "", []
    if random.random() < 0.65:
        asked.style = style
        if random.random() < 0.5:
            before = random.choice(STYLE_BEFORE[style])
        else:
            after.append(random.choice(STYLE_AFTER[style]))
    if random.random() < 0.7:
        asked.background = background
        phrase = random.choice(BACKGROUNDS[background])
        if " " in phrase and random.random() < 0.5:
            text = f"{text} {phrase}"
        else:
            after.insert(random.randint(0, len(after)), phrase)
    if before in ("plain ", "striped "):       # "striped red ball and a tent" reads badly: say "striped, a red ball and a tent"
        before = before.strip() + ", " if len(phrases) > 1 else f"a {before}"
        text = text if len(phrases) > 1 else text.split(" ", 1)[1]
    return ", ".join([before + text, *after]), asked


class Row:
    """One scene of a batch as plain numbers, cheap to read."""

    def __init__(self, count, kind, colour, place, background, style):
        self.count, self.kind, self.colour, self.place = count, kind, colour, place
        self.background, self.style = background, style


def rows(scenes):
    """The scenes of a batch as `Row`s."""
    columns = (scenes.count, scenes.kind, scenes.colour, scenes.place, scenes.background, scenes.style)
    return [Row(*values) for values in zip(*(column.tolist() for column in columns))]
