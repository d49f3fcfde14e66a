#!/usr/bin/env python3
"""Asks marginal and pyAgrum (its LazyPropagation) the same questions about the same networks, one thread each.

usage: compare_networks.py [--rounds R] FILE.bif ...

Prints one line a network: the median milliseconds of all posteriors from nothing (cold), after the evidence on twelve
nodes without children changed (again), and after one finding changed (one), the programs taking turns in every round,
and how many times faster marginal is. ln p(evidence) must agree to 1e-5, or the line says so: pyAgrum reads tables in
single precision.
"""
import argparse, json, math, os, statistics, subprocess, time

os.environ["OMP_NUM_THREADS"] = "1"
import pyagrum as gum

parser = argparse.ArgumentParser()
parser.add_argument("files", nargs="+")
parser.add_argument("--rounds", type=int, default=5)
arguments = parser.parse_args()
gum.setNumberOfThreads(1)

root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
build = ["cargo", "bench", "--bench", "questions", "--no-run", "--message-format=json"]
lines = subprocess.run(build, cwd=root, check=True, capture_output=True, text=True).stdout.splitlines()
binary = [m["executable"] for m in map(json.loads, lines) if m.get("executable") and m["target"]["name"] == "questions"][-1]


def marginal(file):
    out = subprocess.run([binary, file], check=True, capture_output=True, text=True).stdout
    return json.loads(out.splitlines()[-1])


class PyAgrum:
    def __init__(self, file):
        self.network = gum.loadBN(file)
        nodes = [self.network.idFromName(name) for name in self.network.names()]
        self.leaves = [n for n in sorted(nodes) if not self.network.children(n)][:12]
        self.state = 0

    def all_posteriors(self, engine):
        engine.makeInference()
        for node in self.network.nodes():
            engine.posterior(node)

    def time(self, work):
        clock = time.perf_counter()
        work()
        return (time.perf_counter() - clock) * 1e6

    def likelihood(self, leaf):
        return [0.9 if s == self.state else 0.1 for s in range(self.network.variable(leaf).domainSize())]

    def ask(self, engine, leaves, change):
        for leaf in leaves:
            change(leaf, self.likelihood(leaf))
        self.all_posteriors(engine)

    def round(self):
        cold = self.time(lambda: self.all_posteriors(gum.LazyPropagation(self.network)))
        engine = gum.LazyPropagation(self.network)
        self.state = 0
        self.ask(engine, self.leaves, engine.addEvidence)
        again, one = [], []
        for self.state in (1, 0, 1):
            again.append(self.time(lambda: self.ask(engine, self.leaves, engine.chgEvidence)))
            self.state = 1 - self.state
            one.append(self.time(lambda: self.ask(engine, self.leaves[:1], engine.chgEvidence)))
        value = math.log(engine.evidenceProbability())
        return {"cold": cold, "again": statistics.median(again), "one": statistics.median(one), "log_evidence": value}


for file in arguments.files:
    peer, rounds = PyAgrum(file), []
    for _ in range(arguments.rounds):
        rounds.append((marginal(file), peer.round()))
    line = f"{os.path.basename(file):16}"
    for question in ("cold", "again", "one"):
        ours, theirs = (statistics.median(r[program][question] for r in rounds) for program in (0, 1))
        line += f"  {question} {ours / 1e3:.4f} pyAgrum {theirs / 1e3:.3f} ({theirs / ours:.1f} times)"
    values = [rounds[-1][program]["log_evidence"] for program in (0, 1)]
    apart = abs(values[0] - values[1])
    print(line + ("" if apart < 1e-5 * (1 + abs(values[0])) else f"  ln p(evidence) {apart:.0e} apart"), flush=True)
