"""The figures of exported predictions by MTEB itself, or by the scorer that it calls: mteb_scores.py FOLDER

FOLDER is the `mteb` folder of an evaluation. Where `mteb` is installed (2.26.24), its loader reads the dataset and its
evaluator the predictions; else pytrec_eval, whose figures MTEB reports, scores the same files. Prints one JSON object:
{"by": ..., "rows": {row: {subset: {figure: percent}}}}.
"""

import collections
import json
import os
import pathlib
import sys
import tempfile

KS = [1, 2, 3, 5, 10, 25, 50]


def dataset_by_mteb(folder, subset, split):
    from mteb.abstasks.retrieval_dataset_loaders import RetrievalDatasetLoader

    loaded = RetrievalDatasetLoader(str(folder), None, split=split, config=subset).load()
    assert set(loaded["relevant_docs"]) == set(loaded["queries"]["id"])
    documents = set(loaded["corpus"]["id"])
    assert all(d in documents for docs in loaded["relevant_docs"].values() for d in docs)
    return loaded["relevant_docs"]


def dataset_by_json(folder, subset, _split):
    name = "qrels" if subset == "default" else f"{subset}-qrels"
    qrels = collections.defaultdict(dict)
    for line in (folder / "data" / f"{name}.jsonl").read_text().splitlines():
        row = json.loads(line)
        qrels[row["query-id"]][row["corpus-id"]] = row["score"]
    return dict(qrels)


def scores_by_mteb(qrels, predictions):
    from mteb._evaluators import RetrievalEvaluator

    # The method uses nothing of the evaluator, whose making needs a model.
    scores = RetrievalEvaluator.evaluate(None, qrels, predictions, KS)
    return {**scores.hit_rate, **scores.map, **scores.recall}


def scores_by_pytrec_eval(qrels, predictions):
    import pytrec_eval

    names = {"HitRate": "success", "MAP": "map_cut", "Recall": "recall"}
    wanted = {f"{name}.{','.join(map(str, KS))}" for name in names.values()}
    each = pytrec_eval.RelevanceEvaluator(qrels, wanted).evaluate(predictions).values()
    return {
        f"{ours}@{k}": sum(query[f"{name}_{k}"] for query in each) / len(each)
        for ours, name in names.items()
        for k in KS
    }


def main():
    folder = pathlib.Path(sys.argv[1])
    # The loader's cache takes two folders of one name for one dataset.
    os.environ["HF_DATASETS_CACHE"] = tempfile.mkdtemp()
    try:
        import mteb

        by, dataset, score = f"mteb {mteb.__version__}", dataset_by_mteb, scores_by_mteb
    except ImportError:
        by, dataset, score = "pytrec_eval", dataset_by_json, scores_by_pytrec_eval
    rows = {}
    for file in sorted(folder.glob("predictions/*/*_predictions.json")):
        content = json.loads(file.read_text())
        rows[file.parent.name] = {
            subset: {name: 100 * value for name, value in score(dataset(folder, subset, split), ranked).items()}
            for subset, splits in content.items()
            if subset != "mteb_model_meta"
            for split, ranked in splits.items()
        }
    print(json.dumps({"by": by, "rows": rows}))


main()
