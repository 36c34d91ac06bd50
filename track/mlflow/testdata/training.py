"""A training script as people write it, which knows nothing of Tomo.

It prints the IDs of its runs as JSON. Only MLFLOW_TRACKING_URI says where it logs.
"""

import json
import math
import os
import tempfile

import mlflow

mlflow.set_experiment("digits")

with mlflow.start_run(run_name="first", tags={"team": "vision"}, description="as people write it") as run:
    mlflow.log_param("optimizer", "adam")
    mlflow.log_params({"lr": 1e-3, "layers": 3, "schedule": None, "note": "ünïcode ✓"})
    mlflow.log_param("optimizer", "adam")  # again, the same
    for step in range(200):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.log_metrics({"val/accuracy": 0.9, "val/f1 score": 0.8}, step=199)
    mlflow.log_metric("broken", math.nan, step=1)
    mlflow.log_metric("broken", math.inf, step=2)
    mlflow.set_tag("stage", "trained")
    mlflow.set_tags({"a": 1, "b": True})
    mlflow.log_text("hello", "notes/hello.txt")
    mlflow.log_dict({"a": [1, 2]}, "conf.json")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "weights.bin")
        with open(path, "wb") as f:
            f.write(bytes(range(256)) * 1000)
        mlflow.log_artifact(path, artifact_path="checkpoints/last")
        mlflow.log_artifacts(folder, artifact_path="all")
    with mlflow.start_run(run_name="child", nested=True) as child:
        mlflow.log_metric("loss", 0.5)

try:
    with mlflow.start_run(run_name="fails") as failed:
        raise RuntimeError("the training broke")
except RuntimeError:
    pass

with mlflow.start_run(run_id=run.info.run_id):  # goes on
    mlflow.log_metric("loss", 0.001, step=200)

print(json.dumps({"run": run.info.run_id, "child": child.info.run_id, "failed": failed.info.run_id}))
