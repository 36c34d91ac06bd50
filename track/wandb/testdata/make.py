"""Writes the logs that the tests of this package read, with the client of
Weights & Biases that is installed: python make.py NAME, and NAME.wandb is there.
Made with wandb 0.31.0 (new) and 0.16.6 (old)."""
import glob, os, shutil, sys, tempfile
import numpy as np, wandb

out = tempfile.mkdtemp()
options = dict(x_disable_meta=True, x_disable_stats=True, host="host") if wandb.__version__ > "0.19" else dict(_disable_meta=True, _disable_stats=True, host="host")
os.environ |= dict(WANDB_MODE="offline", WANDB_DIR=out, WANDB_SILENT="true", WANDB_DISABLE_GIT="true", WANDB_DISABLE_CODE="true", WANDB_CONSOLE="off")
run = wandb.init(mode="offline", id="fixed", project="proj é", name="first", group="g", job_type="train", notes="a note", tags=["a", "b"],
                 config={"lr": 1e-3, "opt": {"name": "adam", "betas": [0.9, 0.999]}, "flag": True}, settings=wandb.Settings(**options))
run.define_metric("val/*", step_metric="epoch")
for s in range(60):
    loss = {7: float("nan"), 8: float("inf"), 9: float("-inf")}.get(s, 1 / (s + 1))
    row = {"loss": loss, "train": {"acc": s / 128, "deep": {"x": 2 * s}}, "int": -s, "big": 2**40 + s, "ok": s % 2 == 0}
    if s % 20 == 0:
        row["hist"] = wandb.Histogram(np.arange(100) + s)
        row["uneven"] = wandb.Histogram(np_histogram=([1, s], [0.0, 1.0, 10.0]))
        row["img"] = wandb.Image(np.full((2, 3, 3), s, dtype=np.uint8), caption=f"picture {s}")
        row["imgs"] = [wandb.Image(np.full((2, 2, 3), s + i, dtype=np.uint8), caption=f"number {i}") for i in range(2)]
        row["nested"] = {"hist": wandb.Histogram([1, 2, 3]), "y": 0.5}
        row["note"] = f"at {s}\n\"quoted\""
        row["html"] = wandb.Html("<b>x</b>")
    run.log(row)
    if s % 10 == 9:
        run.log({"epoch": (s + 1) / 20, "val/loss": 2 / (s + 1)})
run.log({"late": 1.5}, step=500)
run.config.update({"later": 5})
run.summary["best"] = 0.5
run.finish()
wandb.teardown()
log, = glob.glob(out + "/wandb/offline-run-*/*.wandb")
shutil.copy(log, sys.argv[1] + ".wandb")
