"""Small parts of public annotations, so that agreement can be checked where the whole is not at hand.

    python3 tests/goldens/make_slices.py ../shared/data
    .venv/reference/bin/python tests/goldens/make_benchmark_goldens.py tests/goldens/slices --slice

Writes `slices/`, in the layout of the folder that it reads; `slices/README.md` names sources, licences and changes.
Nothing under a licence that forbids commercial use (CIRCO, GeneCIS) is taken.
"""

import gzip
import json
import pathlib
import shutil
import sys

DATA = pathlib.Path(sys.argv[1])
OUT = pathlib.Path(__file__).parent / "slices"


def read(path):
    return json.loads((DATA / path).read_text())


def write(path, content):
    file = OUT / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, separators=(",", ":")) + "\n")


def copy(path):
    (OUT / path).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(DATA / path, OUT / path)


# CIRR: 60 queries, far apart in the file, and the images of their groups as the gallery.
captions, split = "cirr-MIT/captions/cap.rc2.val.json", "cirr-MIT/image_splits/split.rc2.val.json"
rows = read(captions)[::70][:60]
named = {name for row in rows for name in row["img_set"]["members"]}
write(captions, rows)
write(split, {name: path for name, path in read(split).items() if name in named})
copy("cirr-MIT/LICENSE")

# FashionIQ: 40 queries of dresses, 15 of the others, and a gallery of 200 images, 100 for the others.
for category, queries, images in (("dress", 40, 200), ("shirt", 15, 100), ("toptee", 15, 100)):
    captions, split = f"fashioniq-CDLA/captions/cap.{category}.val.json", f"fashioniq-CDLA/image_splits/split.{category}.val.json"
    rows = read(captions)[::50][:queries]
    needed = {row[key] for row in rows for key in ("target", "candidate")}
    ids = read(split)
    kept = needed | set([name for name in ids if name not in needed][:images - len(needed)])
    write(captions, rows)
    write(split, [name for name in ids if name in kept])
copy("fashioniq-CDLA/README.md")

# CLIP's merges: the 48,894 that the vocabulary of 49,408 is made of, without those behind them.
lines = gzip.open(DATA / "clip-bpe-MIT/bpe_simple_vocab_16e6.txt.gz").read().decode().split("\n")
(OUT / "clip-bpe-MIT").mkdir(parents=True, exist_ok=True)
# No time and no name in the header: the same file every time.
with open(OUT / "clip-bpe-MIT/merges.txt.gz", "wb") as file, gzip.GzipFile("", "wb", 9, file, 0) as packed:
    packed.write(("\n".join(lines[:49152 - 256 - 2 + 1]) + "\n").encode())
copy("clip-bpe-MIT/LICENSE")

# COCO: the captions of the first 300 rows of spacy_keywords.json.
coco = "coco-captions-CC-BY-4.0/captions_val2017.json"
write(coco, {"annotations": [{"image_id": row["image_id"], "id": row["id"], "caption": row["caption"]}
                             for row in read(coco)["annotations"][:25000:25][:300]]})

total = 0
for path in sorted(OUT.rglob("*")):
    if path.is_file():
        total += path.stat().st_size
        print(path.stat().st_size, path.relative_to(OUT))
print(total, "bytes in all")
