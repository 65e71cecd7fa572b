"""Pairs of rows and a map in NumPy: writes text_and_image.json, cosines and nearest rows of pairs, and the first two
principal components of both sides by singular value decomposition."""

import json
import pathlib

import numpy

rng = numpy.random.default_rng(19)
pairs, width = 9, 6
first = rng.normal(size=(pairs, width)) + 0.5
second = first + 0.9 * rng.normal(size=(pairs, width)) - 1
# Pairs 2 and 5 are the same thing.
names = ["a", "b", "same", "c", "d", "same", "e", "f", "g"]


def array(values):
    return {"shape": list(values.shape), "values": values.flatten().tolist()}


def unit(rows):
    return rows / numpy.linalg.norm(rows, axis=1, keepdims=True)


cosines = unit(first) @ unit(second).T
own = numpy.eye(pairs, dtype=bool)
found = [names[nearest] == names[i] for i, nearest in enumerate(cosines.argmax(axis=1))]
others = numpy.roll(second, 2, axis=0)

points = numpy.concatenate([first, second])
centred = points - points.mean(axis=0)
_, singular, components = numpy.linalg.svd(centred, full_matrices=False)
for component in components:
    component *= numpy.sign(component[numpy.abs(component).argmax()])
plane = centred @ components[:2].T

golden = {
    "first": array(first),
    "second": array(second),
    "names": names,
    "own": cosines[own].mean(),
    "other": cosines[~own].mean(),
    "found": 100 * numpy.mean(found),
    "shifted": (unit(first) * unit(others)).sum(axis=1).mean(),
    "x": plane[:, 0].tolist(),
    "y": plane[:, 1].tolist(),
    "variance": (singular[:2] ** 2 / (singular**2).sum()).tolist(),
}
pathlib.Path(__file__).with_name("text_and_image.json").write_text(json.dumps(golden) + "\n")
print({name: golden[name] for name in ("own", "other", "found", "shifted", "variance")})
