"""Centre crops whose half pixel is rounded to the even one, as torchvision's CenterCrop does it, by Pillow.

    .venv/reference/bin/python tests/goldens/make_centre_crops.py

Writes `centre_crops.json`: images of this folder with the shortest side resized to 16 (the longer one cut to whole pixels)
and the centre cropped, before rescaling. The crop's left and top are Python's `round` of half of what is left over; that of
CLIPImageProcessor rounds down.
"""

import base64
import json
import pathlib

import numpy as np
import PIL
from PIL import Image

HERE = pathlib.Path(__file__).parent
SIZE = 16
cases = []
for name in ["odd_33x47.png", "rgb.png", "grey.png", "large_601x403.jpg", "tiny_7x5.png", "photo_444.jpg"]:
    for turned in (False, True):
        image = Image.open(HERE / "images" / name).convert("RGB")
        box = None
        if turned:
            # A part of another shape, so that other numbers of pixels are left over.
            box = [0, 0, max(1, image.width * 5 // 9), image.height]
            image = image.crop((0, 0, box[2], box[3]))
        short, long = min(image.size), max(image.size)
        longer = int(SIZE * long / short)
        sides = (SIZE, longer) if image.width <= image.height else (longer, SIZE)
        # Pillow 13 resizes the columns of a much taller part first; the golden is made rows first, as the code does.
        resized = image.resize((sides[0], image.height), Image.BICUBIC).resize(sides, Image.BICUBIC)
        left, top = (int(round((side - SIZE) / 2)) for side in sides)
        crop = np.asarray(resized.crop((left, top, left + SIZE, top + SIZE)))
        cases.append({"name": name, "crop": box, "left": left, "top": top, "over": longer - SIZE,
                      "expected": base64.b64encode(np.ascontiguousarray(crop)).decode()})
(HERE / "centre_crops.json").write_text(json.dumps({"made_by": {"pillow": PIL.__version__}, "size": SIZE, "cases": cases}) + "\n")
for case in cases:
    print(case["name"], case["crop"], case["over"], case["left"], case["top"])
