"""The trained forest behind HTTP: GET /ping, POST /invocations, GET /execution-parameters, in gunicorn."""
import json
import os
import sys

import numpy

from tables import BadTable, read_rows

CSV, JSON = "text/csv", "application/json"
IN_BATCH = os.environ.get("SAGEMAKER_BATCH", "").lower() == "true"
PAYLOAD_MB = int(os.environ.get("SAGEMAKER_MAX_PAYLOAD_IN_MB") or 25)


def cpus():
    """As many as this container was given: the machine's own number would start far too many workers."""
    count = len(os.sched_getaffinity(0))
    for files in (("cpu.max",), ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")):
        try:
            words = " ".join(read_line(os.path.join("/sys/fs/cgroup", name)) for name in files)
            quota, period = (int(word) for word in words.split())
        except (OSError, ValueError):
            # Of the other version of control groups, or without a limit ("max").
            continue
        if quota > 0:
            count = min(count, max(1, round(quota / period)))
    return count


def read_line(path):
    with open(path, encoding="ascii") as file:
        return file.readline()


class Refused(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


def application(loaded):
    """A WSGI application over a loaded model: it answers a ping only once it can answer a call."""

    def answer(environ, start_response):
        try:
            status, kind, body = respond(loaded, environ)
        except Refused as refused:
            status, kind, body = refused.status, JSON, json.dumps({"error": str(refused)}).encode()
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    return answer


def respond(loaded, environ):
    asked = (environ["REQUEST_METHOD"], environ.get("PATH_INFO", ""))
    if asked == ("GET", "/ping"):
        return "200 OK", JSON, b"{}"
    if asked == ("GET", "/execution-parameters"):
        told = {"MaxConcurrentTransforms": cpus(), "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": 6}
        return "200 OK", JSON, json.dumps(told).encode()
    if asked == ("POST", "/invocations"):
        kind = environ.get("CONTENT_TYPE", "").split(";")[0].strip().lower()
        rows = read(loaded, kind, body_of(environ))
        return "200 OK", *write(loaded, wanted(environ, kind), loaded.probabilities(rows))
    raise Refused("404 Not Found", f"there is nothing at {asked[0]} {asked[1]}")


def body_of(environ):
    size = int(environ.get("CONTENT_LENGTH") or 0)
    if size > PAYLOAD_MB * 1024 * 1024:
        raise Refused("413 Content Too Large", f"the limit is {PAYLOAD_MB} MB")
    try:
        return environ["wsgi.input"].read(size).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("400 Bad Request", "the request is not text in UTF-8") from None


def read(loaded, kind, text):
    width = len(loaded.features)
    try:
        if kind == CSV:
            return read_rows(text, width)
        if kind != JSON:
            raise Refused("415 Unsupported Media Type", f"{kind or 'a request without type'}: send {CSV} or {JSON}")
        rows = json.loads(text)["features"]
        array = numpy.array(rows, dtype=numpy.float32)
        if array.ndim != 2 or array.shape[1] != width or len(array) == 0:
            raise BadTable(f"features must be rows of {width} numbers, not of the shape {list(array.shape)}")
        if not numpy.isfinite(array).all():
            raise BadTable("features must be numbers that are finite")
        return array
    except BadTable as problem:
        raise Refused("400 Bad Request", str(problem)) from None
    except (ValueError, KeyError, TypeError):
        words = f'send {{"features": [[…], …]}} with rows of {width} numbers'
        raise Refused("400 Bad Request", words) from None


def wanted(environ, kind):
    accepted = [part.split(";")[0].strip().lower() for part in environ.get("HTTP_ACCEPT", "").split(",")]
    for choice in accepted:
        if choice in (CSV, JSON):
            return choice
        if choice in ("", "*/*", "application/*" if kind == JSON else "text/*"):
            return kind
    raise Refused("406 Not Acceptable", f"there are {JSON} and {CSV}")


def write(loaded, kind, probabilities):
    labels = [loaded.classes[best] for best in probabilities.argmax(axis=1)]
    if kind == JSON:
        rows = [[round(p, 6) for p in row] for row in probabilities.tolist()]
        return JSON, json.dumps({"label": labels, "probabilities": rows}).encode()
    lines = (
        ",".join([quoted(label), *(f"{p:.6f}" for p in row)])
        for label, row in zip(labels, probabilities.tolist(), strict=True)
    )
    return CSV, ("\n".join(lines) + "\n").encode()


def quoted(label):
    if any(character in label for character in ',"\n\r'):
        return '"' + label.replace('"', '""') + '"'
    return label


def load():
    """Called by gunicorn before it listens: a model that cannot be loaded ends the container, with the reason in its log."""
    from model import Model, ModelError

    try:
        return application(Model(os.path.join(os.environ.get("OPT_ML", "/opt/ml"), "model")))
    except ModelError as problem:
        sys.exit(f"the model cannot be served: {problem}")


def main():
    # Each worker has one core; libraries that take all of them would stand in each other's way.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    here = os.path.dirname(os.path.abspath(__file__))
    port = os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080")
    os.execvp(
        "gunicorn",
        [
            *("gunicorn", "--chdir", here, "--bind", f"0.0.0.0:{port}", "--preload"),
            *("--workers", str(cpus()), "--threads", "2", "--timeout", "0" if IN_BATCH else "60"),
            *("--graceful-timeout", "25", "--keep-alive", "60", "--worker-tmp-dir", "/dev/shm"),
            *("--log-level", "warning", "serving:load()"),
        ],
    )
