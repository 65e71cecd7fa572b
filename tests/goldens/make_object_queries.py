"""Objects cut out of images as Pic2Word's COCO queries are, by COCO's own masks and Pillow.

Needs an environment of its own with pycocotools 2.0.11, numpy 2.4.6 and pillow 13.0.0:

    python -m venv objects && objects/bin/pip install pycocotools==2.0.11 numpy==2.4.6 pillow==13.0.0
    objects/bin/python tests/goldens/make_object_queries.py ../shared/data/coco-photos-CC-BY-2.0

Writes `object_queries.json`: of made objects in this folder's images the mask's SHA-256 and the 16 x 16 bytes of the query
image; of every object of the photographs' annotations the mask's SHA-256 (numbers only, so that nothing of the photographs
is here).

The rules are those of the released program (google-research/composed_image_retrieval, commit 8c05329) in our own words:
white where the mask is 0, edges of the box cut to whole pixels towards 0, both sides resized to the model's size. (That
program stores the whitened image as a JPEG before it cuts the box; that is left out here and there.)

COCO's rule for polygons, as far as it shows from outside: the corners are rounded to a grid five times as fine; each edge
is followed on it point by point along its longer side; between two neighbouring points to the left and the right of a
column's middle the border is crossed at the upper one's row, rounded up to a whole pixel; going down the columns, each
crossing turns inside into outside. Several polygons are joined.
"""

import base64
import hashlib
import json
import pathlib
import sys

import numpy as np
import PIL
from PIL import Image
from pycocotools import mask as masks

HERE = pathlib.Path(__file__).parent
SIZE = 16


def covered(outline, height, width):
    """The pixels of an outline, [height, width]."""
    if isinstance(outline, dict):
        return masks.decode(masks.frPyObjects(outline, height, width))
    return masks.decode(masks.merge(masks.frPyObjects(outline, height, width)))


def digest(mask):
    return hashlib.sha256(np.ascontiguousarray(mask).astype(np.uint8).tobytes()).hexdigest()


def run_lengths(mask):
    """Lengths of the runs of a mask, column after column, the first of zeros."""
    flat = mask.flatten(order="F")
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flat, [1 - flat[-1]]])))
    lengths = np.diff(np.concatenate([[0], edges]))
    return {"size": list(mask.shape), "counts": [int(one) for one in lengths]}


ring = np.zeros((47, 33), np.uint8)
ring[10:30, 5:28] = 1
ring[15:22, 12:20] = 0
CASES = [
    ("a triangle", "odd_33x47.png", [5.3, 6.7, 20.4, 30.2], [[5.3, 6.7, 25.7, 20.1, 9.2, 36.9]]),
    ("steep and flat edges, both ways round", "rgb.png", [3, 4, 40.5, 39.9],
     [[3, 4, 43.5, 6.2, 41.1, 43.9, 20.6, 12.4, 4.4, 41.8]]),
    ("two polygons that overlap", "rgb.png", [8.5, 9.5, 40, 30], [[8.5, 9.5, 30, 9.5, 30, 39.5, 8.5, 39.5],
                                                                [20, 15, 48.5, 15, 48.5, 35, 20, 35]]),
    ("a polygon that crosses itself", "rgb.png", [5, 5, 50, 40], [[5, 5, 55, 45, 55, 5, 5, 45]]),
    ("beyond the image on all sides", "odd_33x47.png", [-2.5, -3.5, 40, 55], [[-2.5, -3.5, 37.5, 4.2, 30.1, 51.5, 1.3, 49.9]]),
    ("thinner than a pixel", "grey.png", [10.2, 5, 0.9, 30], [[10.2, 5, 11.1, 5, 11.1, 35, 10.2, 35]]),
    ("one channel", "grey.png", [9.9, 8.1, 30.3, 25.2], [[9.9, 8.1, 40.2, 9, 33.3, 33.3, 12, 30]]),
    ("run lengths with a hole", "odd_33x47.png", [5, 10, 23, 20], run_lengths(ring)),
]
cases = []
for what, name, (x, y, across, down), outline in CASES:
    image = Image.open(HERE / "images" / name).convert("RGB")
    mask = covered(outline, image.height, image.width)
    pixels = np.asarray(image)
    white = np.where(mask[:, :, None] == 1, pixels, 255).astype(np.uint8)
    box = tuple(int(edge) for edge in (x, y, x + across, y + down))
    part = Image.fromarray(white).crop(box)
    # Pillow 13 resizes the columns of a part that is much taller than wide first (by up to 9 of 255 a pixel otherwise
    # here); the golden is made rows first, as the code does.
    rows_first = part.resize((SIZE, part.height), Image.BICUBIC)
    query = np.asarray(rows_first.resize((SIZE, SIZE), Image.BICUBIC))
    cases.append({
        "what": what, "name": name, "size": list(image.size), "bbox": [x, y, across, down], "outline": outline,
        "crop": [box[0], box[1], box[2] - box[0], box[3] - box[1]], "pixels": int(mask.sum()), "mask": digest(mask),
        "expected": base64.b64encode(np.ascontiguousarray(query)).decode(),
    })

photos = {}
rows = json.loads((pathlib.Path(sys.argv[1]) / "annotations" / "instances.json").read_text())
sides = {row["id"]: (row["height"], row["width"]) for row in rows["images"]}
for row in rows["annotations"]:
    photos[str(row["id"])] = digest(covered(row["segmentation"], *sides[row["image_id"]]))[:16]
content = {"made_by": {"pycocotools": "2.0.11", "pillow": PIL.__version__}, "size": SIZE, "cases": cases, "photos": photos}
(HERE / "object_queries.json").write_text(json.dumps(content) + "\n")
for case in cases:
    print(case["what"], case["crop"], case["pixels"])
print(len(photos), "objects of photographs")
