"""i-CIR's figures on made features over made lists, by another program in another language.

    .venv/reference/bin/python tests/goldens/make_icir_goldens.py

Writes the lists, `icir/query_files.csv` and `icir/database_files.csv`, in the layout of the authors' archive (no true list
was at hand), and `icir_metrics.json`. Written with NumPy in 64-bit floats from what the released program does
(billpsomas/icir, commit 463cc1d: `process_instance`, `map_calc_icir`, `compute_ap`, `save_results`); nothing is shared
with the library. Features are made from names as in make_benchmark_goldens.py.
"""

import csv
import json
import pathlib

import numpy as np

HERE = pathlib.Path(__file__).parent
WIDTH, STRENGTH = 24, 0.55
TEXTS = ["at night", "from above, far away", "as a toy", 'with the word "open"', "in the rain"]


def lists():
    """9 instances with 1 to 4 image queries, 1 to 5 texts, 1 to 7 correct images a text and 20 to 60 others."""
    rng = np.random.default_rng(5)
    queries, database = [], []
    for i in range(9):
        name, texts = f"instance_{i}", TEXTS[: 1 + i % 5]
        for image in range(1 + i % 4):
            queries += [(f"icir/query/{name}/{image}.jpg", text, name) for text in texts]
        rows = [(f"icir/database/{name}/{k}/{n}.jpg", text, name)
                for k, text in enumerate(texts) for n in range(1 + (3 * i + k) % 7)]
        rows += [(f"icir/database/{name}/hn/{n}.jpg", "", name) for n in range(int(rng.integers(20, 61)))]
        database += [rows[at] for at in rng.permutation(len(rows))]
    return [queries[at] for at in rng.permutation(len(queries))], database


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
    return np.array(values[8:])


def unit(rows):
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def average_precision(correct):
    """`correct`: whether each entry of a ranking is correct."""
    ranks = np.flatnonzero(correct)
    n, j = len(ranks), np.arange(len(ranks))
    before = np.where(ranks == 0, 1.0, j / np.maximum(ranks, 1))
    at = (j + 1) / (ranks + 1)
    return np.sum((before + at) / 2) * (1 / (n + 1e-5))


def short(path):
    return path.removeprefix("icir/")


def figures(queries, database):
    precisions = {}
    for name in sorted({instance for _, _, instance in queries}):
        rows = [row for row in database if row[2] == name]
        gallery = unit(np.array([feature(short(path)) for path, _, _ in rows]))
        for i, (_, text, instance) in enumerate(queries):
            if instance != name:
                continue
            relevant = np.array([row[1] == text for row in rows])
            targets = [feature(short(path)) for path, own, _ in rows if own == text]
            query = unit(feature(f"icir:{i}") + STRENGTH * sum(targets))
            order = np.argsort(-(gallery @ query), kind="stable")
            precisions.setdefault(name, []).append(average_precision(relevant[order]))
    own = list(precisions.values())
    return {"mAP": 100 * float(np.mean(sum(own, []))),
            "mmAP": 100 * float(np.mean([np.mean(values) for values in own])),
            "minmAP": 100 * float(np.mean([np.min(values) for values in own]))}


queries, database = lists()
(HERE / "icir").mkdir(exist_ok=True)
for name, rows in (("query_files.csv", queries), ("database_files.csv", database)):
    with open(HERE / "icir" / name, "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
content = {"made_by": {"numpy": np.__version__}, "width": WIDTH, "strength": STRENGTH, "circo_strength": 0,
           "icir": figures(queries, database)}
(HERE / "icir_metrics.json").write_text(json.dumps(content, indent=1) + "\n")
print(len(queries), len(database), json.dumps(content))
