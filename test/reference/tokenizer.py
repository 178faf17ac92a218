"""Ids that transformers' CLIPTokenizer gives to texts of every script, composed and decomposed, of invisible and control characters, in Scenes' vocabulary.

Characters that this Python's Unicode does not know are left out: whether they are letters depends on the version.
"""
import json
import random
import unicodedata
from pathlib import Path

from transformers import CLIPTokenizer

HERE = Path(__file__).resolve().parent
WORDS = ("a RED house, dog's can't I'LL 'S n't ''ll ’s ſ's “quoted” … – straße ẞ İstanbul ıI Ǆungla ΣΊΣΥΦΟΣ Σ όσος ﬁne ｆｕｌｌ Å Å K ½ ² ① Ⅷ ٣٤ 𝔘𝔫𝟘 е́ e\u0301 \u1100\u1161 東京 한국어 हिन्दी עברית العربية ﷺ 👩‍👩‍👧 🇯🇵 "
         "<|endoftext|> <|startoftext|> <|endoftext|>x <|ENDOFTEXT|> (((a:1.3))) [b::0.5] {c|d} &amp; </w> Ġ Ã© _x_ #y @z 3.14 10:30 C++ \u200b \u200d \ufeff \u00ad \x00 \x1c \x7f").split(" ")
SPACES = ("", " ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u2003", "\u2028", "\u3000", "\u0085", "\x0b", "\x1f")
RANGES = ((0x01, 0x80), (0x80, 0x250), (0x300, 0x590), (0x590, 0x780), (0x900, 0xE80), (0x1100, 0x1200), (0x1E00, 0x2100), (0x2100, 0x2800), (0x2E80, 0x3200), (0x4E00, 0x4F00), (0xA000, 0xA800), (0xAC00, 0xAD00),
          (0xF900, 0x10000), (0x10000, 0x10400), (0x1D400, 0x1D800), (0x1F300, 0x1FB00), (0x2F800, 0x2FA20), (0xE0000, 0xE0080))


def texts():
    chance = random.Random(7)
    pools = [[chr(code) for code in range(*span) if unicodedata.category(chr(code)) not in ("Cn", "Cs")] for span in RANGES]
    for _ in range(250):
        yield chance.choice(SPACES).join(chance.choice(WORDS) for _ in range(chance.randint(1, 6)))
    for pool in pools:
        for _ in range(12):
            yield "".join(chance.choice(chance.choice((pool, pool, pools[0], SPACES))) for _ in range(chance.randint(1, 9)))


def main():
    tokenizer = CLIPTokenizer.from_pretrained(HERE.parents[1] / "models" / "scenes" / "tokenizer")
    cases = [[text, tokenizer(text, truncation=True, max_length=tokenizer.model_max_length).input_ids] for text in texts()]
    (HERE / "goldens" / "tokenizer.json").write_text("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]\n")


if __name__ == "__main__":
    main()
