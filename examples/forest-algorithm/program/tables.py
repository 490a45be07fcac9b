"""Tables of numbers, as CSV. What is wrong with one is said with its file and line: whoever sent it reads nothing else."""
import csv
import io
import math
import os

import numpy


class BadTable(Exception):
    pass


def numbers(cells, where, first_column=1):
    row = []
    for column, cell in enumerate(cells, first_column):
        try:
            value = float(cell)
        except ValueError:
            raise BadTable(f"{where}, column {column}: {cell[:40]!r} is not a number") from None
        if not math.isfinite(value) or abs(value) > 3.4e38:
            raise BadTable(f"{where}, column {column}: {cell[:40]!r} is not a number that the model can use")
        row.append(value)
    return row


def lines_of(text, name):
    try:
        yield from (
            (number, cells)
            for number, cells in enumerate(csv.reader(io.StringIO(text), strict=True), 1)
            if any(cell.strip() for cell in cells)
        )
    except csv.Error as problem:
        raise BadTable(f"{name}: it is not CSV: {problem}") from None


def read_text(path):
    with open(path, "rb") as file:
        content = file.read()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadTable(f"{os.path.basename(path)}: it is not text in UTF-8") from None


def read_channel(folder, label_column):
    """All files of a channel: the names of the features, the rows, and the class of each row as text."""
    header, rows, labels = None, [], []
    files = sorted(name for name in os.listdir(folder) if os.path.isfile(os.path.join(folder, name)))
    for name in files:
        first = True
        for line, cells in lines_of(read_text(os.path.join(folder, name)), name):
            cells = [cell.strip() for cell in cells]
            if first:
                first = False
                if len(cells) < 2:
                    raise BadTable(f"{name}, line {line}: a header of one column leaves nothing to learn from")
                if header is not None and cells != header:
                    raise BadTable(f"{name}, line {line}: its columns are not those of {files[0]}")
                header = cells
                continue
            where = f"{name}, line {line}"
            if len(cells) != len(header):
                raise BadTable(f"{where}: {len(cells)} columns where the header has {len(header)}")
            label = cells[-1] if label_column == "last" else cells[0]
            if label == "":
                raise BadTable(f"{where}: the class is empty")
            labels.append(label)
            rows.append(
                numbers(cells[:-1], where) if label_column == "last" else numbers(cells[1:], where, first_column=2)
            )
    if not rows:
        raise BadTable(f"the channel {os.path.basename(folder)} has no rows")
    features = header[:-1] if label_column == "last" else header[1:]
    return features, numpy.array(rows, dtype=numpy.float32), numpy.array(labels)


def read_rows(text, width):
    """Rows of a request: no header, and as many numbers as the model has features."""
    rows = []
    for line, cells in lines_of(text, "the request"):
        if len(cells) != width:
            raise BadTable(f"line {line}: {len(cells)} columns where the model takes {width}")
        rows.append(numbers([cell.strip() for cell in cells], f"line {line}"))
    if not rows:
        raise BadTable("the request has no rows")
    return numpy.array(rows, dtype=numpy.float32)
