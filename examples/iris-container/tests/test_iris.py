"""Needs python3-sklearn and python3-flask. Run by iris-container.test.ts, or: python3 -m unittest discover examples/iris-container/tests"""
import json
import os
import shutil
import sys
import tempfile
import unittest

EXAMPLE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = tempfile.mkdtemp(prefix="opt-ml-")
shutil.copytree(os.path.join(EXAMPLE, "model"), os.path.join(ROOT, "model"))
os.environ["OPT_ML"] = ROOT
sys.path.insert(0, os.path.join(EXAMPLE, "program"))

import wsgi  # noqa: E402


class Serving(unittest.TestCase):
    def setUp(self):
        self.client = wsgi.application.test_client()

    def call(self, body, kind, **headers):
        return self.client.post("/invocations", data=body, content_type=kind, headers=headers)

    def test_a_flower_is_named_by_its_neighbours(self):
        with open(os.path.join(EXAMPLE, "sample-input.json"), "rb") as file:
            answer = self.call(file.read(), "application/json")
        self.assertEqual(answer.status_code, 200, answer.data)
        with open(os.path.join(EXAMPLE, "sample-output.json"), "rb") as file:
            self.assertEqual(answer.get_json(), json.load(file))

    def test_csv_answers_one_line_for_each(self):
        with open(os.path.join(EXAMPLE, "sample-input.csv"), "rb") as file:
            answer = self.call(file.read(), "text/csv")
        self.assertEqual(answer.mimetype, "text/csv")
        with open(os.path.join(EXAMPLE, "sample-output.csv"), "rb") as file:
            self.assertEqual(answer.data, file.read())

    def test_a_measured_flower_is_found_again(self):
        answer = self.call(b'{"features": [[5.1, 3.5, 1.4, 0.2]]}', "application/json").get_json()
        self.assertEqual((answer["label"], answer["nearest_cm"]), (["setosa"], [0.0]))

    def test_bad_requests_are_told_what_is_wrong(self):
        for status, body, kind, words in (
            (400, b"1,2,3", "text/csv", "line 1: 3 numbers where a flower has 4"),
            (400, b"1,2,3,x", "text/csv", "line 1: four lengths"),
            (400, b"1,2,3,inf", "text/csv", "finite"),
            (400, b"", "text/csv", "no flowers"),
            (400, b"[]", "application/json", "send {"),
            (400, b'{"features": [[1, 2]]}', "application/json", "features[0]: 2 numbers"),
            (400, b"\xff", "text/csv", "UTF-8"),
            (415, b"x", "image/png", "send text/csv"),
        ):
            answer = self.call(body, kind)
            self.assertEqual(answer.status_code, status, answer.data)
            self.assertIn(words, answer.get_json()["error"])
        self.assertEqual(self.call(b"1,2,3,4", "text/csv", Accept="image/png").status_code, 406)

    def test_ping_and_what_is_not_there(self):
        self.assertEqual(self.client.get("/ping").status_code, 200)
        self.assertEqual(self.client.get("/execution-parameters").status_code, 404)
        self.assertEqual(self.client.get("/invocations").status_code, 405)


if __name__ == "__main__":
    unittest.main()
