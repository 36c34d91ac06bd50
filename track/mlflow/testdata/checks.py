"""What MLflow's own client sees of a server, in assertions."""

import math
import os
import tempfile
import time

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException

client = MlflowClient()


def refuses(code, do, *args, **named):
    try:
        do(*args, **named)
    except MlflowException as e:
        assert e.error_code == code, (e.error_code, str(e))
        return str(e)
    raise AssertionError(f"{do} was not refused")


def experiments():
    a = client.create_experiment("a", tags={"k": "v"})
    refuses("RESOURCE_ALREADY_EXISTS", client.create_experiment, "a")
    assert client.get_experiment(a).tags["k"] == "v"
    assert client.get_experiment_by_name("a").experiment_id == a
    assert client.get_experiment_by_name("none") is None
    assert client.get_experiment("0").name == "Default"
    client.set_experiment_tag(a, "k", "w")
    if hasattr(client, "delete_experiment_tag"):  # of MLflow 3
        client.set_experiment_tag(a, "l", "x")
        assert client.get_experiment(a).tags == {"k": "w", "l": "x"}
        client.delete_experiment_tag(a, "l")
    assert client.get_experiment(a).tags == {"k": "w"}
    client.rename_experiment(a, "b")
    assert client.get_experiment(a).name == "b"
    r = client.create_run(a)
    client.delete_experiment(a)
    assert client.get_experiment(a).lifecycle_stage == "deleted"
    assert client.get_run(r.info.run_id).info.lifecycle_stage == "deleted"
    refuses("INVALID_PARAMETER_VALUE", client.create_run, a)
    assert a not in [e.experiment_id for e in client.search_experiments()]
    assert [e.experiment_id for e in client.search_experiments(view_type=ViewType.DELETED_ONLY)] == [a]
    client.restore_experiment(a)
    assert [e.name for e in client.search_experiments(filter_string="name LIKE 'b%' AND tags.k = 'w'")] == ["b"]
    assert [e.name for e in client.search_experiments(filter_string="name ILIKE 'B'", order_by=["name DESC"])] == ["b"]
    refuses("RESOURCE_DOES_NOT_EXIST", client.get_experiment, "123456")
    refuses("INVALID_PARAMETER_VALUE", client.search_experiments, filter_string="wrong = 'b'")


def runs():
    e = client.create_experiment("runs")
    r = client.create_run(e, run_name="one", tags={"t": "1"}, start_time=123456)
    id = r.info.run_id
    assert (r.info.run_name, r.info.status, r.info.start_time, r.info.end_time) == ("one", "RUNNING", 123456, None), r.info
    client.update_run(id, name="two")
    assert client.get_run(id).data.tags["mlflow.runName"] == "two"
    client.set_tag(id, "mlflow.runName", "three")
    assert client.get_run(id).info.run_name == "three"
    client.set_terminated(id, "FAILED", end_time=1234567)
    got = client.get_run(id).info
    assert (got.status, got.end_time) == ("FAILED", 1234567), got
    client.delete_tag(id, "t")
    assert "t" not in client.get_run(id).data.tags
    refuses("RESOURCE_DOES_NOT_EXIST", client.delete_tag, id, "t")
    client.log_param(id, "p", "1")
    client.log_param(id, "p", "1")
    said = refuses("INVALID_PARAMETER_VALUE", client.log_param, id, "p", "2")
    assert "'p'" in said.replace('"', "'"), said
    client.delete_run(id)
    assert client.get_run(id).info.lifecycle_stage == "deleted"
    refuses("INVALID_PARAMETER_VALUE", client.log_metric, id, "m", 1)
    client.restore_run(id)
    client.log_metric(id, "m", 1)
    refuses("RESOURCE_DOES_NOT_EXIST", client.get_run, "0" * 32)
    unnamed = client.create_run(e)
    assert unnamed.info.run_name and unnamed.data.tags["mlflow.runName"] == unnamed.info.run_name


def batches():
    id = client.create_run("0").info.run_id
    now = int(time.time() * 1000)
    metrics = [Metric("m", i / 7, now + i, i) for i in range(1000)]
    client.log_batch(id, metrics=metrics)
    got = client.get_metric_history(id, "m")
    assert [(m.value, m.timestamp, m.step) for m in got] == [(m.value, m.timestamp, m.step) for m in metrics]
    client.log_batch(id, params=[Param("a", "1"), Param("b", "x" * 6000)], tags=[RunTag("t", "y" * 5000)])
    data = client.get_run(id).data
    assert data.params == {"a": "1", "b": "x" * 6000} and data.tags["t"] == "y" * 5000
    assert data.metrics == {"m": 999 / 7}
    refuses("INVALID_PARAMETER_VALUE", client.log_batch, id, params=[Param("a", "2"), Param("new", "1")])
    assert "new" not in client.get_run(id).data.params  # all or nothing
    client.log_batch(id, metrics=[Metric("late", 1, now, 10), Metric("late", 2, now, 3)])
    assert client.get_run(id).data.metrics["late"] == 1  # of the greatest step
    assert client.get_metric_history(id, "none") == []
    client.log_batch(id, metrics=[Metric("big", float(i), now, i) for i in range(1000)])
    for part in range(1, 26):
        client.log_batch(id, metrics=[Metric("big", float(i), now, i) for i in range(part * 1000, part * 1000 + 1000)])
    got = client.get_metric_history(id, "big")  # more than a page
    assert [m.value for m in got] == [float(i) for i in range(26_000)], len(got)
    negative = Metric("negative", 1, now, -5)
    client.log_batch(id, metrics=[negative])
    assert client.get_metric_history(id, "negative")[0].step == -5


def searches():
    e = client.create_experiment("searches")
    ids = []
    for i in range(10):
        r = client.create_run(e, start_time=1000 + i, run_name=f"run {i}").info.run_id
        client.log_param(r, "lr", str(10.0**-i))
        client.log_metric(r, "loss", i if i < 8 else math.nan)
        if i % 2:
            client.set_tag(r, "odd tag", f"Yes {i}")
        ids.append(r)

    def search(filter="", order=None, **more):
        return [ids.index(r.info.run_id) for r in client.search_runs([e], filter, order_by=order, **more)]

    assert search() == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    assert search("metrics.loss < 3") == [2, 1, 0]
    assert search("metrics.loss >= 6 and params.lr != '1e-07'") == [6]
    assert search('tags."odd tag" LIKE \'Yes%\'') == [9, 7, 5, 3, 1]
    assert search("tags.`odd tag` ILIKE '%ES 7'") == [7]
    assert search("tags.`odd tag` IS NULL AND metrics.loss > 5") == [6]
    assert search("attributes.run_name = 'run 4'") == [4] == search("run_name = 'run 4'")
    assert search("attributes.start_time > 1007") == [9, 8]
    assert search(f"run_id IN ('{ids[1]}', '{ids[2]}')") == [2, 1]
    assert search(f"attribute.run_id NOT IN ('{ids[1]}', '{ids[2]}') and metrics.loss < 4") == [3, 0]
    assert search("status = 'RUNNING'", order=["metrics.loss DESC"]) == [7, 6, 5, 4, 3, 2, 1, 0, 9, 8]
    assert search(order=["metrics.loss ASC", "start_time ASC"]) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert search(order=["tags.`odd tag` DESC"])[:5] == [9, 7, 5, 3, 1]
    assert search(order=["attributes.start_time ASC"]) == list(range(10))
    first = client.search_runs([e], max_results=4)
    second = client.search_runs([e], max_results=4, page_token=first.token)
    third = client.search_runs([e], max_results=4, page_token=second.token)
    assert [ids.index(r.info.run_id) for p in (first, second, third) for r in p] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    assert not third.token
    for wrong in ["metrics.loss", "metrics.loss = 'x'", "params.lr > 3", "metrics.loss < 3 OR metrics.loss > 4", "x.y = 'z'", "tags.a = 'b"]:
        refuses("INVALID_PARAMETER_VALUE", search, wrong)
    client.delete_run(ids[0])
    assert search("metrics.loss < 2") == [1]
    assert search(run_view_type=ViewType.DELETED_ONLY) == [0]
    frame = mlflow.search_runs([e], "metrics.loss < 3", order_by=["metrics.loss ASC"])
    assert list(frame["metrics.loss"]) == [1, 2] and list(frame["params.lr"]) == ["0.1", "0.01"], frame


def artifacts():
    id = client.create_run("0").info.run_id
    client.log_text(id, "one", "texts/a.txt")
    client.log_text(id, "two", "texts/deep/b.txt")
    client.log_text(id, "three", "texts/a.txt")  # again
    assert [(f.path, f.is_dir, f.file_size) for f in client.list_artifacts(id)] == [("texts", True, None)]
    assert [(f.path, f.is_dir, f.file_size) for f in client.list_artifacts(id, "texts")] == [("texts/a.txt", False, 5), ("texts/deep", True, None)]
    assert client.list_artifacts(id, "none") == []
    with tempfile.TemporaryDirectory() as folder:
        path = client.download_artifacts(id, "texts", folder)
        with open(os.path.join(path, "a.txt")) as f:
            assert f.read() == "three"
    os.environ |= {"MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD": "true", "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE": "1"}
    client.log_text(id, "sent whole, since parts are refused", "parts.txt")
    assert [f.file_size for f in client.list_artifacts(id) if f.path == "parts.txt"] == [35]
    try:
        with tempfile.TemporaryDirectory() as folder:
            client.download_artifacts(id, "nothing.txt", folder)
    except Exception:
        pass
    else:
        raise AssertionError("an artifact that is not there was downloaded")
    client.log_table(id, {"x": [1, 2], "y": ["a", "b"]}, "table.json")
    client.log_table(id, {"x": [3], "y": ["c"]}, "table.json")
    assert list(client.load_table("0", "table.json", [id])["x"]) == [1, 2, 3]


def images():
    import numpy as np

    # MLflow 2 writes a slash as #, behind which an address ends.
    key = "dog/left" if hasattr(client, "create_logged_model") else "dog"
    with mlflow.start_run() as r:
        for step in range(3):
            mlflow.log_image(np.full((8, 8, 3), step * 50, np.uint8), key=key, step=step)
        mlflow.log_image(np.zeros((4, 4, 3), np.uint8), "plain.png")
        import matplotlib

        matplotlib.use("agg")
        from matplotlib import pyplot

        figure, axes = pyplot.subplots()
        axes.plot([1, 2])
        mlflow.log_figure(figure, "figures/plot.png")
        mlflow.flush_artifact_async_logging()
    assert {f.path for f in client.list_artifacts(r.info.run_id)} == {"figures", "images", "plain.png"}
    assert len(client.list_artifacts(r.info.run_id, "images")) == 6


def inputs():
    e = client.create_experiment("inputs")
    id = client.create_run(e).info.run_id
    ds = Dataset(name="train", digest="abc", source_type="local", source="{}", schema="{}", profile="{}")
    client.log_inputs(id, [DatasetInput(ds, [InputTag("mlflow.data.context", "training")])])
    client.log_inputs(id, [DatasetInput(ds, [InputTag("mlflow.data.context", "training")])])
    got = client.get_run(id).inputs.dataset_inputs
    assert len(got) == 1 and got[0].dataset.name == "train" and got[0].tags[0].value == "training", got
    other = client.create_run(e).info.run_id
    assert [r.info.run_id for r in client.search_runs([e], "dataset.name = 'train'")] == [id]
    assert [r.info.run_id for r in client.search_runs([e], "dataset.context IN ('training', 'x')")] == [id]
    assert other != id


def models():
    if not hasattr(client, "create_logged_model"):
        return  # of MLflow 2
    from mlflow.entities import LoggedModelStatus

    e = client.create_experiment("models")
    run = client.create_run(e).info.run_id
    m = client.create_logged_model(e, name="net", source_run_id=run, params={"depth": "3"}, tags={"k": "v"}, model_type="cnn")
    assert m.status == LoggedModelStatus.PENDING and m.params == {"depth": "3"}
    m = client.finalize_logged_model(m.model_id, LoggedModelStatus.READY)
    assert m.status == LoggedModelStatus.READY
    client.set_logged_model_tags(m.model_id, {"k": "w", "l": "x"})
    client.delete_logged_model_tag(m.model_id, "l")
    assert client.get_logged_model(m.model_id).tags == {"k": "w"}
    client.log_metric(run, "accuracy", 0.5, model_id=m.model_id)
    assert client.get_logged_model(m.model_id).metrics[0].value == 0.5
    client.log_metric(run, "loss", 2, timestamp=5, step=1)
    client.log_metric(run, "loss", 3, timestamp=6, step=1)
    client.log_metric(run, "loss", 2, timestamp=5, step=1, model_id=m.model_id)  # again, to say of which model it is
    client.log_metric(run, "loss", 2, timestamp=7, step=1, model_id=m.model_id)
    assert [(h.value, h.timestamp) for h in client.get_metric_history(run, "loss")] == [(2, 5), (3, 6), (2, 7)]
    client.log_metric(run, "nan", math.nan, timestamp=5)
    client.log_metric(run, "nan", math.nan, timestamp=5, model_id=m.model_id)
    assert len(client.get_metric_history(run, "nan")) == 1
    found = client.search_logged_models([e], "metrics.accuracy > 0.4 AND params.depth = '3'", order_by=[{"field_name": "creation_time", "ascending": False}])
    assert [f.model_id for f in found] == [m.model_id]
    assert client.search_logged_models([e], "name = 'other'") == []
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "MLmodel"), "w") as f:
            f.write("a: b\n")
        client.log_model_artifacts(m.model_id, folder)
    assert [f.path for f in client.list_logged_model_artifacts(m.model_id)] == ["MLmodel"]
    client.delete_logged_model(m.model_id)
    refuses("RESOURCE_DOES_NOT_EXIST", client.get_logged_model, m.model_id)


def refusals():
    refuses("NOT_IMPLEMENTED", client.create_registered_model, "x")
    assert list(client.search_registered_models()) == []


def pythonic():
    """What is done in the background, and what is logged of the machine."""
    with mlflow.start_run(log_system_metrics=True) as r:
        mlflow.log_metric("m", 1, synchronous=False).wait()
        mlflow.log_params({"p": 1}, synchronous=False).wait()
        time.sleep(0.5)
    data = client.get_run(r.info.run_id).data
    assert data.metrics["m"] == 1 and data.params == {"p": "1"}
    assert any(k.startswith("system/") for k in data.metrics), data.metrics


for check in (experiments, runs, batches, searches, artifacts, images, inputs, models, refusals, pythonic):
    check()
    print(check.__name__, flush=True)
