"""The figures of each benchmark on made features over the real annotations, by another program in another language.

    deno task reference
    .venv/reference/bin/python tests/goldens/make_benchmark_goldens.py ../shared/data
    .venv/reference/bin/python tests/goldens/make_benchmark_goldens.py tests/goldens/slices --slice

The first writes benchmark_metrics.json, the second benchmark_metrics_slice.json: CIRR and FashionIQ over the parts of
their annotations that are in this repository.

Written from the benchmarks' protocols with NumPy in 64-bit floats; nothing is shared with the library. (The evaluators
that the benchmarks' authors published could not be fetched where this was made; their definitions are what is written
out below.) An image's feature is made from its id, a query's from its own id and its target's, so that the figures are
neither 0 nor 100. CIRCO's list of unlabelled images was not at hand either: its gallery is every image that the
annotations name, filled up with made ids to the published 123,403.
"""

import json
import pathlib
import sys

import numpy as np

SHARED = pathlib.Path(sys.argv[1])
SLICE = sys.argv[2:] == ["--slice"]
WIDTH = 24
# How much of its targets a query has; CIRCO's have several among many.
STRENGTH, CIRCO_STRENGTH = 0.3 if SLICE else 0.55, 1.5


def feature(name):
    """WIDTH numbers in [-1, 1) from FNV-1a of the name, then xorshift32."""
    state = 0x811C9DC5
    for byte in name.encode():
        state = ((state ^ byte) * 0x01000193) & 0xFFFFFFFF
    state = state or 1
    values = []
    for _ in range(WIDTH + 8):
        state ^= (state << 13) & 0xFFFFFFFF
        state ^= state >> 17
        state ^= (state << 5) & 0xFFFFFFFF
        values.append(state / 2**31 - 1)
    return values[8:]


def unit(rows):
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def images(ids):
    return unit(np.array([feature(str(i)) for i in ids]))


def encoded(kind, queries, strength=STRENGTH):
    """Query features from pairs of a query's id and its targets'."""
    def one(query, targets):
        return np.array(feature(f"{kind}:{query}")) + strength * sum(np.array(feature(str(t))) for t in targets)

    return unit(np.array([one(query, targets) for query, targets in queries]))


def recall(hits):
    return 100 * float(np.mean(hits))


def cirr():
    rows = json.loads((SHARED / "cirr-MIT/captions/cap.rc2.val.json").read_text())
    names = list(json.loads((SHARED / "cirr-MIT/image_splits/split.rc2.val.json").read_text()))
    gallery, queries = images(names), encoded("cirr", [(r["pairid"], [r["target_hard"]]) for r in rows])
    order = np.argsort(-(queries @ gallery.T), axis=1, kind="stable")
    ranked = [[names[i] for i in row if names[i] != r["reference"]] for row, r in zip(order, rows)]
    metrics = {f"R@{k}": recall([r["target_hard"] in top[:k] for top, r in zip(ranked, rows)]) for k in (1, 5, 10, 50)}
    subset = [[n for n in top if n in set(r["img_set"]["members"])] for top, r in zip(ranked, rows)]
    metrics |= {f"Rs@{k}": recall([r["target_hard"] in s[:k] for s, r in zip(subset, rows)]) for k in (1, 2, 3)}
    return metrics | {"(R@5 + Rs@1) / 2": (metrics["R@5"] + metrics["Rs@1"]) / 2}


def circo():
    rows = json.loads((SHARED / "circo-CC-BY-NC/annotations/val.json").read_text())
    test = json.loads((SHARED / "circo-CC-BY-NC/annotations/test.json").read_text())
    ids = sorted({r["reference_img_id"] for r in rows + test} | {g for r in rows for g in r["gt_img_ids"]})
    filler = 1_000_000
    while len(ids) < 123_403:
        ids.append(filler)
        filler += 1
    gallery, queries = images(ids), encoded("circo", [(r["id"], r["gt_img_ids"]) for r in rows], CIRCO_STRENGTH)
    ids = np.array(ids)
    metrics, precisions = {}, {}
    tops = [ids[np.argsort(-(q @ gallery.T), kind="stable")[:50]] for q in queries]
    for k in (5, 10, 25, 50):
        found = []
        for top, r in zip(tops, rows):
            relevant = np.isin(top[:k], r["gt_img_ids"])
            precision = np.cumsum(relevant) * relevant / np.arange(1, k + 1)
            found.append(precision.sum() / min(len(r["gt_img_ids"]), k))
        precisions[k] = np.array(found)
        metrics[f"mAP@{k}"] = 100 * float(precisions[k].mean())
    for k in (5, 10, 25, 50):
        metrics[f"R@{k}"] = recall([r["target_img_id"] in top[:k] for top, r in zip(tops, rows)])
    for aspect in sorted({a for r in rows for a in r["semantic_aspects"]}):
        chosen = [aspect in r["semantic_aspects"] for r in rows]
        metrics[f"mAP@10, {aspect}"] = 100 * float(precisions[10][chosen].mean())
    return metrics


def fashioniq():
    metrics = {}
    for category in ("dress", "shirt", "toptee"):
        folder = SHARED / "fashioniq-CDLA"
        rows = json.loads((folder / f"captions/cap.{category}.val.json").read_text())
        names = json.loads((folder / f"image_splits/split.{category}.val.json").read_text())
        gallery = images(names)
        queries = encoded(category, [(i, [r["target"]]) for i, r in enumerate(rows)])
        order = np.argsort(-(queries @ gallery.T), axis=1, kind="stable")
        for k in (10, 50):
            metrics[f"{category}, R@{k}"] = recall([r["target"] in {names[i] for i in row[:k]} for row, r in zip(order, rows)])
    for k in (10, 50):
        metrics[f"mean, R@{k}"] = sum(metrics[f"{c}, R@{k}"] for c in ("dress", "shirt", "toptee")) / 3
    return metrics


def genecis():
    metrics = {}
    for task in ("focus_object", "change_object"):
        rows = json.loads((SHARED / f"genecis-CC-BY-NC/genecis/{task}.json").read_text())
        hits = {k: [] for k in (1, 2, 3)}
        queries = encoded(task, [(i, [r["target"]["val_image_id"]]) for i, r in enumerate(rows)])
        for query, r in zip(queries, rows):
            ids = [r["target"]["val_image_id"]]
            ids += [g["val_image_id"] for g in r["gallery"] if g["val_image_id"] != ids[0]]
            scores = images(ids) @ query
            rank = 1 + int((scores[1:] > scores[0]).sum())
            for k in hits:
                hits[k].append(rank <= k)
        metrics |= {f"{task}, R@{k}": recall(h) for k, h in hits.items()}
    return metrics


content = {"made_by": {"numpy": np.__version__}, "width": WIDTH, "strength": STRENGTH, "circo_strength": CIRCO_STRENGTH,
           "cirr": cirr(), "fashioniq": fashioniq()}
if not SLICE:
    content |= {"circo": circo(), "genecis": genecis()}
path = pathlib.Path(__file__).parent / f"benchmark_metrics{'_slice' if SLICE else ''}.json"
path.write_text(json.dumps(content, indent=1) + "\n")
print(path.read_text())
