"""The process of PyTorch for bench: reads requests and writes replies, one line
of JSON each, as serve.go says."""

import json
import os
import sys
import time

import numpy
import torch

import peer_networks


def network(job):
    """Builds the network of a job with its weights."""
    weights = {name: torch.from_numpy(a) for name, a in numpy.load(job["weights"]).items()}
    with torch.device("meta"):  # no time is lost on weights that are thrown away
        net = build(job["network"])
    missing, unexpected = net.load_state_dict(weights, strict=False, assign=True)
    counters = [name for name in missing if name.endswith("num_batches_tracked")]
    if unexpected or len(counters) < len(missing):
        raise ValueError(f"the weights are of another network: missing {missing}, unexpected {unexpected}")
    for name in counters:
        net.get_submodule(name.rpartition(".")[0]).num_batches_tracked = torch.tensor(0)
    return net.eval()


def build(name):
    if name in peer_networks.NETWORKS:
        return peer_networks.NETWORKS[name]()
    import torchvision

    return torchvision.models.get_model(name, weights=None)


class Question:
    """A job that is loaded: run computes its output and gradients."""

    def __init__(self, job):
        torch.set_num_threads(job["threads"])
        arrays = numpy.load(job["arrays"])
        self.task, self.wrt = job["task"], job["wrt"] or []
        self.net = network(job)
        self.inputs = [torch.from_numpy(arrays[name]) for name in job["inputs"]]
        self.seed = torch.from_numpy(arrays["seed"])
        self.net.requires_grad_(self.task == "parameters")
        self.embedded = None
        if self.task == "input":
            self.follow_input()
        self.about = ""
        if self.inputs[0].dim() == 4:
            self.choose_layout()

    def follow_input(self):
        """Makes what the gradient is taken of a leaf: the input, or where that
        is tokens, what the first embedding makes of them."""
        if self.inputs[0].is_floating_point():
            self.inputs[0].requires_grad_()
            return

        def leaf(module, args, output):
            self.embedded = output.detach().requires_grad_()
            return self.embedded

        embeddings = [m for m in self.net.modules() if isinstance(m, torch.nn.Embedding)]
        embeddings[0].register_forward_hook(leaf)

    def choose_layout(self):
        """Keeps the faster of two orders of elements in memory."""
        took = {}
        for layout in (torch.contiguous_format, torch.channels_last):
            self.use(layout)
            self.run()
            took[layout] = min(timed(self.run) for _ in range(3))
        best = min(took, key=took.get)
        self.use(best)
        self.about = "nhwc" if best == torch.channels_last else "nchw"

    def use(self, layout):
        x = self.inputs[0]
        self.net.to(memory_format=layout)
        self.inputs[0] = x.detach().contiguous(memory_format=layout).requires_grad_(x.requires_grad)

    def run(self):
        """Returns the output and the gradients in the order of wrt."""
        if self.task == "forward":
            with torch.inference_mode():
                return [self.net(*self.inputs)]
        output = self.net(*self.inputs)
        return [output, *torch.autograd.grad(output, self.leaves(), self.seed)]

    def leaves(self):
        if self.task == "input":
            return [self.inputs[0] if self.embedded is None else self.embedded]
        parameters = dict(self.net.named_parameters())
        return [parameters[name] for name in self.wrt]

    def save(self, path):
        names = ["output", *self.wrt]
        with open(path, "wb") as f:
            numpy.savez(f, **{n: t.detach().contiguous().numpy() for n, t in zip(names, self.run())})


def timed(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


class Server:
    def __init__(self):
        self.question = None

    def answer(self, request):
        if request.get("version"):
            return {"about": f"PyTorch {torch.__version__}, eager"}
        if "load" in request:
            self.question = None
            self.question = Question(request["load"])
            return {"about": self.question.about}
        if "save" in request:
            self.question.save(request["save"])
            return {}
        for _ in range(request.get("warm", 0)):
            self.question.run()
        return {"seconds": [timed(self.question.run) for _ in range(request["run"])]}


def main():
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no reply
    server = Server()
    for line in sys.stdin:
        try:
            reply = server.answer(json.loads(line))
        except Exception as e:
            reply = {"error": f"{type(e).__name__}: {e}"}
        print(json.dumps(reply), file=replies, flush=True)


main()
