"""`serve`: nginx in front, gunicorn with a Flask application behind it on a socket, as most containers of models are made."""
import os
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def serve():
    workers = os.environ.get("MODEL_SERVER_WORKERS") or str(len(os.sched_getaffinity(0)))
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    gunicorn = subprocess.Popen(
        [
            *("gunicorn", "--chdir", HERE, "--bind", "unix:/tmp/gunicorn.sock", "--preload"),
            *("--workers", workers, "--timeout", "60", "--graceful-timeout", "20", "--worker-tmp-dir", "/dev/shm"),
            *("--log-level", "warning", "wsgi:application"),
        ]
    )
    nginx = subprocess.Popen(["nginx", "-c", os.path.join(HERE, "nginx.conf"), "-g", "daemon off;"])
    ended = []

    def stop(*_):
        # Both finish the calls that they have begun.
        ended.append("asked")
        nginx.send_signal(signal.SIGQUIT)
        gunicorn.send_signal(signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    # One without the other serves nobody: the first that ends takes the container with it.
    first, _ = os.wait()
    if not ended:
        print(f"{'nginx' if first == nginx.pid else 'gunicorn'} has ended; so does the container", file=sys.stderr)
        stop()
        ended.clear()
    for process in (nginx, gunicorn):
        if process.pid != first:
            process.wait()
    return 0 if ended else 1


if __name__ == "__main__":
    if sys.argv[1:] != ["serve"]:
        print(f"usage: {sys.argv[0]} serve", file=sys.stderr)
        sys.exit(2)
    sys.exit(serve())
