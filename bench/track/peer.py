"""What bench/track asks of MLflow's client.

    peer.py PART CALLS EXPERIMENT RUN

says "ready", waits for a line, and prints the seconds of each call as JSON.
"""

import json
import os
import sys
import time

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric

NOW = 1_764_000_000_000


def main(part, calls, experiment, history):
    client = MlflowClient()
    run = client.create_run("0").info.run_id
    mlflow.start_run(run_id=run)

    def metric(i):
        mlflow.log_metric("loss", 1 / (i + 1), step=i, timestamp=NOW + i)

    def batch(i):
        client.log_batch(run, metrics=batches[i])

    def search(i):
        found = client.search_runs([experiment], "metrics.m0 < 250", order_by=["metrics.m1 DESC"], max_results=1000)
        assert len(found) == 250 and len(found[0].data.metrics) == 20, len(found)

    def whole(i):
        points = client.get_metric_history(history, "long")
        assert len(points) == 10_000, len(points)

    batches = [[Metric("batch", 1 / (k + 3), NOW + k, k) for k in range(i * 1000, i * 1000 + 1000)] for i in range(calls + 1)] if part == "batch" else []
    do = {"metric": metric, "batch": batch, "search": search, "history": whole}[part]
    do(0)  # warms up
    print("ready", flush=True)
    sys.stdin.readline()
    seconds = []
    for i in range(1, calls + 1):
        start = time.perf_counter()
        do(i)
        seconds.append(time.perf_counter() - start)
    print(json.dumps(seconds), flush=True)
    sys.stdout = open(os.devnull, "w")  # what MLflow says at the end


main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4])
