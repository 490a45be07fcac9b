"""Needs python3-sklearn. Run by forest.test.ts, or: python3 -m unittest discover examples/forest-algorithm/tests"""
import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import unittest

EXAMPLE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.path.join(EXAMPLE, "program")
IRIS = os.path.join(EXAMPLE, "..", "iris-classifier", "iris.csv")
sys.path.insert(0, PROGRAM)

import serving  # noqa: E402
import training  # noqa: E402
from model import Model, ModelError  # noqa: E402


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def content(path):
    with open(path, "rb") as file:
        return file.read()


class Folders:
    """/opt/ml, anywhere."""

    def __init__(self, channels, **hyperparameters):
        self.root = tempfile.mkdtemp(prefix="opt-ml-")
        self.put("input/config/hyperparameters.json", json.dumps(hyperparameters))
        self.put("input/config/inputdataconfig.json", json.dumps({name: {} for name in channels}))
        for name, files in channels.items():
            for file, text in files.items():
                self.put(f"input/data/{name}/{file}", text)

    def put(self, name, text):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def begin(self):
        return subprocess.Popen(
            [sys.executable, os.path.join(PROGRAM, "forest.py"), "train"],
            env={**os.environ, "OPT_ML": self.root},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def train(self):
        said = io.StringIO()
        training.ROOT, training.stopping = self.root, False
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            self.code = training.main()
        self.log = said.getvalue()
        return self

    def failure(self):
        return read(os.path.join(self.root, "output/failure"))

    def metric(self, name):
        return [float(value) for value in re.findall(rf"\b{name}=([0-9.]+)", self.log)]


class Call:
    def __init__(self, loaded, method, path, body=b"", **headers):
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            **{name: value for name, value in headers.items()},
        }

        def start(status, told):
            self.status, self.headers = int(status[:3]), dict(told)

        self.body = b"".join(serving.application(loaded)(environ, start))
        self.type = self.headers["Content-Type"]


class Training(unittest.TestCase):
    def test_the_irises_are_learnt_and_the_metrics_grow_with_the_trees(self):
        run = Folders({"train": {"iris.csv": read(IRIS)}}, n_estimators="60", seed="3").train()
        self.assertEqual(run.code, 0, run.log)
        self.assertIn("rows=120 validation_rows=30 features=4 classes=3", run.log)
        self.assertEqual(run.metric("trees"), [3.0 * step for step in range(1, 21)])
        self.assertGreater(run.metric("validation_accuracy")[-1], 0.9)
        self.assertGreater(run.metric("train_accuracy")[-1], 0.99)
        self.assertLess(run.metric("validation_loss")[-1], run.metric("validation_loss")[0] + 0.1)
        self.assertEqual(sorted(os.listdir(os.path.join(run.root, "model"))), ["forest.json", "nodes.npy", "values.npy"])

    def test_the_same_rows_settings_and_seed_give_the_same_files(self):
        def files():
            run = Folders({"train": {"iris.csv": read(IRIS)}}, n_estimators="10").train()
            folder = os.path.join(run.root, "model")
            return {name: content(os.path.join(folder, name)) for name in sorted(os.listdir(folder))}

        self.assertEqual(files(), files())

    def test_a_validation_channel_is_what_is_measured(self):
        lines = read(IRIS).splitlines(keepends=True)
        channels = {"train": {"a.csv": "".join(lines[:1] + lines[1::2])}, "validation": {"b.csv": "".join(lines[:1] + lines[2::2])}}
        run = Folders(channels, n_estimators="20").train()
        self.assertEqual(run.code, 0, run.log)
        self.assertIn("rows=75 validation_rows=75", run.log)

    def test_asked_to_stop_it_keeps_what_has_grown(self):
        run = Folders({"train": {"iris.csv": read(IRIS)}}, n_estimators="4000")
        process = run.begin()
        seen = ""
        while "trees=" not in seen:
            line = process.stdout.readline()
            self.assertNotEqual(line, "", seen)
            seen += line
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate()
        self.assertEqual(process.returncode, 0, rest)
        kept = int(re.search(r"stopped: the model has (\d+) of 4000 trees", rest).group(1))
        self.assertEqual(len(Model(os.path.join(run.root, "model")).trees), kept)

    def test_bad_tables_are_named_with_file_and_line(self):
        for text, words in (
            ("a,b,kind\n1,2,x\n1,2\n", "t.csv, line 3: 2 columns where the header has 3"),
            ("a,b,kind\n1,two,x\n", "t.csv, line 2, column 2: 'two' is not a number"),
            ("a,b,kind\n1,nan,x\n", "t.csv, line 2, column 2: 'nan' is not a number that the model can use"),
            ("a,b,kind\n1,2,\n", "t.csv, line 2: the class is empty"),
            ("a,b,kind\n", "the channel train has no rows"),
            ("a,b,kind\n1,2,x\n2,3,x\n", "rows of one class only"),
            ('a,b,kind\n1,"2,x\n', "it is not CSV"),
            ("kind\nx\n", "a header of one column"),
        ):
            run = Folders({"train": {"t.csv": text}}, validation_share="0").train()
            self.assertEqual(run.code, 1, run.log)
            self.assertIn(words, run.failure())
            self.assertNotIn("Traceback", run.log)

    def test_other_columns_and_unknown_classes_are_refused(self):
        train = "a,b,kind\n1,2,x\n2,3,y\n"
        other = Folders({"train": {"a.csv": train, "b.csv": "a,c,kind\n1,2,x\n"}}).train()
        self.assertIn("b.csv, line 1: its columns are not those of a.csv", other.failure())
        unknown = Folders({"train": {"a.csv": train}, "validation": {"v.csv": "a,b,kind\n1,2,z\n"}}).train()
        self.assertIn("the class 'z' is among the rows for validation", unknown.failure())


class Serving(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.run_ = Folders({"train": {"iris.csv": read(IRIS)}}, n_estimators="30").train()
        cls.folder = os.path.join(cls.run_.root, "model")
        cls.loaded = Model(cls.folder)

    def call(self, body, **headers):
        return Call(self.loaded, "POST", "/invocations", body, **headers)

    def test_it_answers_as_it_was_asked(self):
        answer = self.call(b"5.1,3.5,1.4,0.2\r\n6.3,3.3,6.0,2.5", CONTENT_TYPE="text/csv; charset=utf-8")
        self.assertEqual((answer.status, answer.type), (200, "text/csv"))
        lines = answer.body.decode().splitlines()
        self.assertEqual([line.split(",")[0] for line in lines], ["setosa", "virginica"])
        body = json.dumps({"features": [[5.1, 3.5, 1.4, 0.2]]}).encode()
        answer = self.call(body, CONTENT_TYPE="application/json", HTTP_ACCEPT="*/*")
        told = json.loads(answer.body)
        self.assertEqual(told["label"], ["setosa"])
        self.assertAlmostEqual(sum(told["probabilities"][0]), 1, places=5)
        self.assertEqual(self.call(body, CONTENT_TYPE="application/json", HTTP_ACCEPT="text/csv").type, "text/csv")

    def test_a_loaded_model_names_the_training_rows_as_the_fitted_one_did(self):
        import tables

        _, rows, labels = tables.read_channel(os.path.join(self.run_.root, "input/data/train"), "last")
        named = [self.loaded.classes[best] for best in self.loaded.probabilities(rows).argmax(axis=1)]
        self.assertGreater(sum(a == b for a, b in zip(named, labels)) / len(labels), 0.95)

    def test_bad_requests_are_told_what_is_wrong(self):
        for status, body, words, headers in (
            (400, b"1,2,3\n", "line 1: 3 columns where the model takes 4", {"CONTENT_TYPE": "text/csv"}),
            (400, b"1,2,3,4\n1,2,3,x\n", "line 2, column 4: 'x' is not a number", {"CONTENT_TYPE": "text/csv"}),
            (400, b"", "the request has no rows", {"CONTENT_TYPE": "text/csv"}),
            (400, b"\xff\xfe", "not text in UTF-8", {"CONTENT_TYPE": "text/csv"}),
            (400, b"{", "send {", {"CONTENT_TYPE": "application/json"}),
            (400, b'{"features": [[1,2],[3]]}', "rows of 4 numbers", {"CONTENT_TYPE": "application/json"}),
            (400, b'{"features": [[1,2,3,4,5]]}', "not of the shape [1, 5]", {"CONTENT_TYPE": "application/json"}),
            (400, b'{"features": [[1,2,3,NaN]]}', "finite", {"CONTENT_TYPE": "application/json"}),
            (415, b"x", "image/png: send text/csv or application/json", {"CONTENT_TYPE": "image/png"}),
            (406, b"1,2,3,4", "there are", {"CONTENT_TYPE": "text/csv", "HTTP_ACCEPT": "image/png"}),
        ):
            answer = self.call(body, **headers)
            self.assertEqual(answer.status, status, answer.body)
            self.assertIn(words, json.loads(answer.body)["error"])

    def test_the_contract_has_three_paths_and_no_other(self):
        self.assertEqual(Call(self.loaded, "GET", "/ping").status, 200)
        told = json.loads(Call(self.loaded, "GET", "/execution-parameters").body)
        self.assertEqual(told["BatchStrategy"], "MULTI_RECORD")
        self.assertEqual(Call(self.loaded, "GET", "/invocations").status, 404)
        self.assertEqual(Call(self.loaded, "GET", "/etc/passwd").status, 404)

    def test_what_is_not_its_model_is_not_served(self):
        with self.assertRaisesRegex(ModelError, "there is no forest.json"):
            Model(self.run_.root)
        told = json.loads(read(os.path.join(self.folder, "forest.json")))
        other = tempfile.mkdtemp()
        with open(os.path.join(other, "forest.json"), "w") as file:
            json.dump({**told, "sklearn": "0.1"}, file)
        with self.assertRaisesRegex(ModelError, "made by scikit-learn 0.1"):
            Model(other)


if __name__ == "__main__":
    unittest.main()
