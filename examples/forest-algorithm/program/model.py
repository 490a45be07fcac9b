"""The fitted forest as plain arrays. No pickle: loading one runs whatever its maker put in."""
import json
import os

import numpy
import sklearn
from sklearn.tree._tree import Tree

DESCRIPTION = "forest.json"


class ModelError(Exception):
    pass


def save(forest, features, folder):
    trees = [estimator.tree_ for estimator in forest.estimators_]
    states = [tree.__getstate__() for tree in trees]
    os.makedirs(folder, exist_ok=True)
    # Counts become probabilities here: a third of the size, and nothing to do for each call.
    values = numpy.concatenate([state["values"][:, 0, :] for state in states])
    values = values / values.sum(axis=1, keepdims=True)
    numpy.save(os.path.join(folder, "nodes.npy"), numpy.concatenate([s["nodes"] for s in states]))
    numpy.save(os.path.join(folder, "values.npy"), values.astype(numpy.float32))
    description = {
        "format": 1,
        "sklearn": sklearn.__version__,
        "features": list(features),
        "classes": [str(name) for name in forest.classes_],
        "trees": [{"nodes": int(s["node_count"]), "depth": int(s["max_depth"])} for s in states],
    }
    with open(os.path.join(folder, DESCRIPTION), "w", encoding="utf-8") as file:
        json.dump(description, file)


class Model:
    def __init__(self, folder):
        path = os.path.join(folder, DESCRIPTION)
        if not os.path.exists(path):
            raise ModelError(f"there is no {DESCRIPTION} in {folder}: this serves what the same image has trained")
        with open(path, encoding="utf-8") as file:
            told = json.load(file)
        # The layout of a node is scikit-learn's own, and changes with its version.
        if told.get("format") != 1 or told["sklearn"] != sklearn.__version__:
            raise ModelError(f"the model was made by scikit-learn {told.get('sklearn')}, this is {sklearn.__version__}")
        nodes = numpy.load(os.path.join(folder, "nodes.npy"), allow_pickle=False)
        values = numpy.load(os.path.join(folder, "values.npy"), allow_pickle=False).astype(numpy.float64)
        self.classes = told["classes"]
        self.features = told["features"]
        self.trees = []
        start = 0
        for tree in told["trees"]:
            end = start + tree["nodes"]
            built = Tree(len(self.features), numpy.array([len(self.classes)], dtype=numpy.intp), 1)
            built.__setstate__(
                {
                    "max_depth": tree["depth"],
                    "node_count": tree["nodes"],
                    "nodes": nodes[start:end].copy(),
                    "values": values[start:end, None, :].copy(),
                }
            )
            self.trees.append(built)
            start = end
        if start != len(nodes) or start != len(values):
            raise ModelError("the files of the model do not belong together")

    def probabilities(self, rows):
        total = numpy.zeros((len(rows), len(self.classes)))
        for tree in self.trees:
            total += tree.predict(rows).reshape(len(rows), len(self.classes))
        return total / len(self.trees)
