"""Boxes dilated and padded as GeneCIS' attribute tasks have them, and what CLIPImageProcessor on Pillow makes of each.

    .venv/reference/bin/python tests/goldens/make_dilated_boxes.py

Writes `dilated_boxes.json`: sides of the part that Pillow cuts out, and the 16 x 16 bytes after padding to a square and
resizing, before rescaling. The rule is that of `datasets/vaw_dataset.py` (facebookresearch/genecis, commit 0c5c968) in
our own words: the far edges are counted from the clamped near ones.
"""

import base64
import json
import pathlib

import numpy as np
import PIL
import transformers
from PIL import Image, ImageOps
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

HERE = pathlib.Path(__file__).parent
SHARE = 0.7
ODD, LARGE, GREY = "odd_33x47.png", "rgb.png", "grey.png"
processor = CLIPImageProcessorPil(size={"shortest_edge": 16}, crop_size={"height": 16, "width": 16})


def dilated(image, box):
    """The part of an image around a box, whose sides are rounded by Pillow."""
    (x, y), sides, ends = box[:2], box[2:], image.size
    near = [max(0, start - SHARE * side) for start, side in zip((x, y), sides)]
    far = [min(end, start + (1 + SHARE) * side) for start, side, end in zip(near, sides, ends)]
    return image.crop((*near, *far))


def squared(image):
    side = max(image.size)
    left, top = ((side - own) // 2 for own in image.size)
    border = (left, top, side - image.width - left, side - image.height - top)
    return ImageOps.expand(image, border, fill=0)


BOXES = [
    ("middle, wide: edges of halves, to the even pixel", ODD, [12, 20, 5, 3]),
    ("middle, tall: odd difference of the sides", ODD, [13, 17, 4, 9]),
    ("at the left edge", ODD, [1, 20, 9, 6]),
    ("at the top edge", ODD, [14, 0, 6, 11]),
    ("at the right edge", ODD, [25, 21, 8, 5]),
    ("at the bottom edge", ODD, [15, 40, 5, 7]),
    ("the whole image", ODD, [0, 0, 33, 47]),
    ("beyond the image on all sides", ODD, [-3, -2, 60.5, 70]),
    ("fractions of pixels", ODD, [10.25, 16.75, 7.3, 4.6]),
    ("a fraction of a pixel wide", ODD, [16.2, 22, 0.5, 2]),
    ("another image", LARGE, [9, 8, 13, 7]),
    ("one channel", GREY, [9, 8, 7, 13]),
]
cases = []
for what, name, box in BOXES:
    image = Image.open(HERE / "images" / name)
    part = dilated(image, box)
    square = squared(part).convert("RGB")
    pixels = processor(square, do_rescale=False, do_normalize=False)["pixel_values"][0]
    flat = np.ascontiguousarray(np.moveaxis(np.asarray(pixels), 0, -1)).astype(np.uint8)
    cases.append({"what": what, "name": name, "crop": box, "part": list(part.size), "expected": base64.b64encode(flat).decode()})
content = {"made_by": {"pillow": PIL.__version__, "transformers": transformers.__version__}, "dilation": SHARE, "cases": cases}
(HERE / "dilated_boxes.json").write_text(json.dumps(content) + "\n")
for case in cases:
    print(case["what"], case["crop"], case["part"])
