"""Fits the forest a few trees at a time, so that its metrics can be watched, and a stop keeps what has grown."""
import json
import os
import signal
import sys
import time
import traceback

import numpy
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import log_loss

import model
from tables import BadTable, read_channel

ROOT = os.environ.get("OPT_ML", "/opt/ml")
STEPS = 20
stopping = False


def config(name):
    with open(os.path.join(ROOT, "input/config", name + ".json"), encoding="utf-8") as file:
        return json.load(file)


def settings():
    # Every value of hyperparameters.json is text, whatever its type.
    given = config("hyperparameters")
    depth = int(given.get("max_depth", "0"))
    return {
        "label_column": given.get("label_column", "last"),
        "validation_share": float(given.get("validation_share", "0.2")),
        "n_estimators": int(given.get("n_estimators", "100")),
        "max_depth": depth if depth > 0 else None,
        "min_samples_leaf": int(given.get("min_samples_leaf", "1")),
        "max_features": {"sqrt": "sqrt", "log2": "log2", "all": None}[given.get("max_features", "sqrt")],
        "criterion": given.get("criterion", "gini"),
        "class_weight": "balanced" if given.get("class_weight", "none") == "balanced" else None,
        "seed": int(given.get("seed", "1")),
    }


def channel(name, label_column):
    return read_channel(os.path.join(ROOT, "input/data", name), label_column)


def data(given):
    features, rows, labels = channel("train", given["label_column"])
    if "validation" in config("inputdataconfig"):
        same, kept_rows, kept_labels = channel("validation", given["label_column"])
        if same != features:
            raise BadTable("the columns of the channel validation are not those of train")
    else:
        order = numpy.random.RandomState(given["seed"]).permutation(len(rows))
        kept, used = numpy.split(order, [round(len(rows) * given["validation_share"])])
        kept_rows, kept_labels = rows[kept], labels[kept]
        rows, labels = rows[used], labels[used]
    classes = sorted(set(labels))
    if len(classes) < 2:
        raise BadTable("the channel train has rows of one class only: there is nothing to tell apart")
    unknown = sorted(set(kept_labels) - set(classes))
    if unknown:
        raise BadTable(f"the class {unknown[0]!r} is among the rows for validation, but not among those for training")
    return features, rows, labels, kept_rows, kept_labels


def train():
    given = settings()
    features, rows, labels, kept_rows, kept_labels = data(given)
    print(
        f"rows={len(rows)} validation_rows={len(kept_rows)} features={len(features)} classes={len(set(labels))}",
        flush=True,
    )
    forest = RandomForestClassifier(
        n_estimators=0,
        warm_start=True,
        n_jobs=len(os.sched_getaffinity(0)),
        random_state=given["seed"],
        **{
            name: given[name]
            for name in ("max_depth", "min_samples_leaf", "max_features", "criterion", "class_weight")
        },
    )
    started = time.monotonic()
    wanted = given["n_estimators"]
    for step in range(1, STEPS + 1):
        trees = round(wanted * step / STEPS)
        if trees <= forest.n_estimators:
            continue
        forest.n_estimators = trees
        forest.fit(rows, labels)
        tell(forest, rows, labels, kept_rows, kept_labels, time.monotonic() - started)
        if stopping:
            print(f"stopped: the model has {trees} of {wanted} trees", flush=True)
            break
    model.save(forest, features, os.path.join(ROOT, "model"))


def tell(forest, rows, labels, kept_rows, kept_labels, seconds):
    words = [f"trees={forest.n_estimators}", f"train_accuracy={accuracy(forest, rows, labels):.4f}"]
    if len(kept_rows):
        words.append(f"validation_accuracy={accuracy(forest, kept_rows, kept_labels):.4f}")
        loss = log_loss(kept_labels, forest.predict_proba(kept_rows), labels=forest.classes_)
        words.append(f"validation_loss={loss:.6f}")
    print(*words, f"seconds={seconds:.2f}", flush=True)


def accuracy(forest, rows, labels):
    return float((forest.predict(rows) == labels).mean())


def stop(_signal, _frame):
    global stopping
    stopping = True


def main():
    signal.signal(signal.SIGTERM, stop)
    try:
        train()
    except Exception as problem:
        # The first 1024 characters are what its user reads.
        os.makedirs(os.path.join(ROOT, "output"), exist_ok=True)
        with open(os.path.join(ROOT, "output/failure"), "w", encoding="utf-8") as file:
            file.write(f"{problem if isinstance(problem, BadTable) else repr(problem)}\n")
        if not isinstance(problem, BadTable):
            traceback.print_exc()
        print(problem, file=sys.stderr, flush=True)
        return 1
    return 0
