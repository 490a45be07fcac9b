"""Names an iris by the measured flowers that are nearest to it. The model is the measurements themselves: nothing to unpickle."""
import csv
import io
import json
import math
import os

import numpy
from sklearn.neighbors import KNeighborsClassifier

FEATURES = 4


class BadRows(Exception):
    pass


class Neighbours:
    def __init__(self, folder):
        with open(os.path.join(folder, "neighbours.json"), encoding="utf-8") as file:
            told = json.load(file)
        with open(os.path.join(folder, told["measurements"]), newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))[1:]
        self.classifier = KNeighborsClassifier(n_neighbors=told["neighbours"], weights="distance")
        self.classifier.fit([[float(cell) for cell in row[:FEATURES]] for row in rows], [row[FEATURES] for row in rows])

    def answer(self, rows):
        probabilities = self.classifier.predict_proba(rows)
        distances, _ = self.classifier.kneighbors(rows, n_neighbors=1)
        labels = self.classifier.classes_[probabilities.argmax(axis=1)]
        return (
            [str(label) for label in labels],
            [[round(p, 4) for p in row] for row in probabilities.tolist()],
            [round(row[0], 4) for row in distances.tolist()],
        )


def checked(row, where):
    if len(row) != FEATURES:
        raise BadRows(f"{where}: {len(row)} numbers where a flower has {FEATURES}")
    try:
        numbers = [float(cell) for cell in row]
    except (TypeError, ValueError):
        raise BadRows(f"{where}: four lengths in centimetres, as numbers") from None
    if not all(math.isfinite(number) for number in numbers):
        raise BadRows(f"{where}: lengths are finite")
    return numbers


def rows_of_csv(text):
    try:
        lines = [row for row in csv.reader(io.StringIO(text), strict=True) if row]
    except csv.Error as problem:
        raise BadRows(f"it is not CSV: {problem}") from None
    return whole([checked(row, f"line {number}") for number, row in enumerate(lines, 1)])


def rows_of_json(text):
    try:
        features = json.loads(text)["features"]
        rows = [list(row) for row in features]
    except (ValueError, KeyError, TypeError):
        raise BadRows('send {"features": [[5.1, 3.5, 1.4, 0.2], ...]}') from None
    return whole([checked(row, f"features[{number}]") for number, row in enumerate(rows)])


def whole(rows):
    if not rows:
        raise BadRows("there are no flowers in it")
    return numpy.array(rows)
