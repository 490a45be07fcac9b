"""GET /ping and POST /invocations, in Flask."""
import os

from flask import Flask, Response, jsonify, request
from neighbours import BadRows, Neighbours, rows_of_csv, rows_of_json

CSV, JSON = "text/csv", "application/json"
application = Flask(__name__)
# Loaded before gunicorn listens: until it is, nothing answers, and so no ping does.
model = Neighbours(os.path.join(os.environ.get("OPT_ML", "/opt/ml"), "model"))


@application.get("/ping")
def ping():
    return jsonify(status="ready")


@application.post("/invocations")
def invocations():
    if request.mimetype not in (CSV, JSON):
        return jsonify(error=f"send {CSV} or {JSON}, not {request.mimetype or 'a request without type'}"), 415
    accepted = request.accept_mimetypes
    # What was sent is what comes back, unless the caller would rather have the other.
    kind = accepted.best_match([request.mimetype, CSV, JSON]) if accepted else request.mimetype
    if kind is None:
        return jsonify(error=f"there are {JSON} and {CSV}"), 406
    try:
        text = request.get_data().decode("utf-8-sig")
        rows = rows_of_csv(text) if request.mimetype == CSV else rows_of_json(text)
    except UnicodeDecodeError:
        return jsonify(error="the request is not text in UTF-8"), 400
    except BadRows as problem:
        return jsonify(error=str(problem)), 400
    labels, probabilities, nearest = model.answer(rows)
    if kind == JSON:
        return jsonify(label=labels, probabilities=probabilities, nearest_cm=nearest)
    lines = (
        ",".join([label, *(f"{p:.4f}" for p in row), f"{distance:.4f}"])
        for label, row, distance in zip(labels, probabilities, nearest)
    )
    return Response("\n".join(lines) + "\n", mimetype=CSV)


@application.errorhandler(404)
def missing(_error):
    return jsonify(error="there are /ping and /invocations"), 404


@application.errorhandler(405)
def other_method(_error):
    return jsonify(error="GET /ping, POST /invocations"), 405
