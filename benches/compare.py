#!/usr/bin/env python3
"""Fits the same rows, from the same start, for the same number of iterations, with marginal and with other programs.

usage: compare.py [--f32] [--threads T] [--rounds R] [WORKLOAD ...]

Prints one line a workload: the median seconds an iteration of each program, the programs taking turns in every round,
and how many times faster marginal is. Objectives must agree to 1e-9 (to 1e-5 where the rows are float32), or the line
says so. See README.md beside it.
"""
import argparse, json, os, statistics, subprocess, sys, tempfile, time

parser = argparse.ArgumentParser()
parser.add_argument("workloads", nargs="*")
parser.add_argument("--f32", action="store_true")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--rounds", type=int, default=5)
arguments = parser.parse_args()
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(arguments.threads)

import numpy as np

scalar, tolerance = (np.float32, 1e-5) if arguments.f32 else (np.float64, 1e-9)

# kind, rows, columns, components, iterations, shape of the covariances
WORKLOADS = {
    "full-16": ("gmm", 100_000, 16, 16, 20, "full"),
    "full-8": ("gmm", 1_000_000, 8, 8, 10, "full"),
    "full-64": ("gmm", 20_000, 64, 32, 10, "full"),
    "diagonal-16": ("gmm", 1_000_000, 16, 32, 10, "diag"),
    "diagonal-1": ("gmm", 5_000_000, 1, 4, 10, "diag"),
    "kmeans-2": ("kmeans", 1_000_000, 2, 1000, 10, None),
    "kmeans-16": ("kmeans", 1_000_000, 16, 64, 20, None),
    "kmeans-128": ("kmeans", 100_000, 128, 256, 20, None),
    "classes-20": ("lca", 50_000, 20, 4, 20, None),
}


def latent_classes(rng, n, d, k):
    """Rows of answers to d questions with two to five answers each, and a start near nothing."""
    levels = [2 + column % 4 for column in range(d)]
    drawn = lambda: [[rng.dirichlet(np.ones(level)).tolist() for _ in range(k)] for level in levels]
    of_class, label = drawn(), rng.integers(k, size=n)
    column = lambda tables: (rng.random((n, 1)) > np.cumsum(tables, 1)[label]).sum(1).clip(0, len(tables[0]) - 1)
    rows = np.stack([column(tables) for tables in of_class], 1).astype(float)
    return rows, {"weights": [1.0 / k] * k, "probs": drawn()}


def workload(name):
    """Rows of normal clusters, and a start from some of them; or of latent classes."""
    kind, n, d, k, its, shape = WORKLOADS[name]
    rng = np.random.default_rng(1)
    if kind == "lca":
        rows, init = latent_classes(rng, n, d, k)
        return {"kind": kind, "n": n, "ncol": d, "d": d, "k": k, "its": its, "init": init}, rows
    centres = rng.normal(size=(k, d)) * (4.0 if d == 1 else 1.5)
    rows = (rng.normal(size=(n, d)) * rng.uniform(0.6, 1.4, d) + centres[rng.integers(k, size=n)]).astype(scalar)
    init = {"means": rows[rng.choice(n, k, replace=False)].tolist()}
    if kind == "gmm":
        init |= {"weights": [1.0 / k] * k, "covars_diag": [rows.var(0, dtype=float).tolist()] * k, "cov": shape}
    return {"kind": kind, "n": n, "ncol": d, "k": k, "its": its, "init": init}, rows


def marginal(base):
    """Builds the benchmark once, and returns what runs it."""
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    build = ["cargo", "bench", "--bench", "workload", "--no-run", "--message-format=json"]
    lines = subprocess.run(build, cwd=root, check=True, capture_output=True, text=True).stdout.splitlines()
    binary = [m["executable"] for m in map(json.loads, lines) if m.get("executable") and m["target"]["name"] == "workload"][-1]

    def fit():
        command = [binary, base, str(arguments.threads), "1", "f32" if arguments.f32 else "f64"]
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        answer = json.loads(out.splitlines()[-1])
        return answer["seconds"], answer["objective"]

    return fit


def scikit_learn(head, rows, module):
    """scikit-learn's estimators, or those of oneDAL behind the same names."""
    import warnings

    warnings.filterwarnings("ignore")
    k, its, init = head["k"], head["its"], head["init"]
    means = np.array(init["means"], rows.dtype)
    if head["kind"] == "kmeans":
        cluster = __import__(module + ".cluster", fromlist=["KMeans"])

        def fit():
            model = cluster.KMeans(k, init=means, n_init=1, max_iter=its, tol=0.0, algorithm="lloyd")
            clock = time.perf_counter()
            model.fit(rows)
            return (time.perf_counter() - clock) / model.n_iter_, -0.5 * model.inertia_

        return fit
    from sklearn.mixture import GaussianMixture

    full = init["cov"] == "full"
    variances = np.array(init["covars_diag"], rows.dtype)
    precisions = np.array([np.diag(1 / v) for v in variances]) if full else 1 / variances
    weights = np.array(init["weights"], rows.dtype)

    def fit():
        model = GaussianMixture(
            k, covariance_type=init["cov"], tol=0.0, reg_covar=0.0, max_iter=its,
            weights_init=weights, means_init=means, precisions_init=precisions,
        )
        clock = time.perf_counter()
        model.fit(rows)
        return (time.perf_counter() - clock) / its, float(model.score(rows)) * len(rows)

    return fit


def faiss_lloyd(head, rows):
    """faiss's Lloyd's steps, of float32 only."""
    import faiss

    faiss.omp_set_num_threads(arguments.threads)
    k, d, its = head["k"], head["ncol"], head["its"]
    means = np.array(head["init"]["means"], rows.dtype)

    def fit():
        model = faiss.Kmeans(d, k, niter=its, max_points_per_centroid=len(rows), min_points_per_centroid=1, seed=1)
        clock = time.perf_counter()
        model.train(rows, init_centroids=means)
        seconds = (time.perf_counter() - clock) / its
        return seconds, -0.5 * model.index.search(rows, 1)[0].astype(float).sum()

    return fit


def log_likelihood(rows, weights, means, covariances):
    """ln p(rows) under a mixture of normals; oneDAL's own figure is one step behind."""
    total = 0.0
    for part in np.array_split(rows, 1 + len(rows) // 50_000):
        logs = []
        for weight, mean, covariance in zip(weights, means, covariances):
            root = np.linalg.cholesky(covariance)
            squares = (np.linalg.solve(root, (part - mean).T) ** 2).sum(0)
            constant = np.log(weight) - np.log(np.diag(root)).sum() - 0.5 * len(mean) * np.log(2 * np.pi)
            logs.append(constant - 0.5 * squares)
        total += np.logaddexp.reduce(logs).sum()
    return total


def one_dal(head, rows):
    """oneDAL's EM for Gaussian mixtures."""
    import daal4py

    daal4py.daalinit(arguments.threads)

    k, d, its, init = head["k"], head["ncol"], head["its"], head["init"]
    full = init["cov"] == "full"
    weights, means, variances = (np.array(init[name], rows.dtype) for name in ("weights", "means", "covars_diag"))
    covariances = [np.diag(v) if full else np.array([v]) for v in variances]

    def fit():
        em = daal4py.em_gmm(k, fptype="float" if arguments.f32 else "double", maxIterations=its, accuracyThreshold=0.0,
                            regularizationFactor=0.0, covarianceStorage="full" if full else "diagonal")
        clock = time.perf_counter()
        answer = em.compute(rows, weights[None], means, covariances)
        seconds = (time.perf_counter() - clock) / its
        ends = [np.asarray(c) if full else np.diag(np.ravel(c)) for c in answer.covariances]
        return seconds, log_likelihood(rows, np.ravel(answer.weights), answer.means, ends)

    return fit


def step_mix(head, rows):
    """StepMix, from the M-step under the posteriors of the same start."""
    from stepmix.stepmix import StepMix

    answers, init = rows.astype(int), head["init"]
    logs = np.log(init["weights"]) + sum(np.log(np.array(p)).T[answers[:, c]] for c, p in enumerate(init["probs"]))
    posterior = np.exp(logs - logs.max(1, keepdims=True))
    posterior /= posterior.sum(1, keepdims=True)

    class Started(StepMix):
        def _initialize_parameters(self, X, random_state):
            super()._initialize_parameters(X, random_state)
            self._mm.m_step(X, posterior)
            self.weights_ = posterior.mean(0)
            self.log_resp_ = np.log(posterior)

    def fit():
        model = Started(head["k"], measurement="categorical", abs_tol=0.0, rel_tol=0.0, max_iter=head["its"],
                        n_init=1, random_state=0, verbose=0, progress_bar=0)
        clock = time.perf_counter()
        model.fit(answers)
        return (time.perf_counter() - clock) / head["its"], model.score(answers) * len(answers)

    return fit


def measure(name):
    head, rows = workload(name)
    with tempfile.TemporaryDirectory() as folder:
        base = os.path.join(folder, name)
        json.dump(head, open(base + ".json", "w"))
        rows.astype(float).tofile(base + ".f64")
        programs = {"marginal": marginal(base)}
        makers = {"scikit-learn": lambda: scikit_learn(head, rows, "sklearn")}
        if head["kind"] == "gmm":
            makers["oneDAL"] = lambda: one_dal(head, rows)
        elif head["kind"] == "kmeans":
            makers["oneDAL"] = lambda: scikit_learn(head, rows, "sklearnex")
            if arguments.f32:
                makers["faiss"] = lambda: faiss_lloyd(head, rows)
        else:
            makers = {"StepMix": lambda: step_mix(head, rows)}
        for program, make in makers.items():
            try:
                programs[program] = make()
            except ImportError:
                print(f"{program} is not installed", file=sys.stderr)
        seconds = {program: [] for program in programs}
        objective = {}
        for _ in range(arguments.rounds):
            for program, fit in programs.items():
                took, objective[program] = fit()
                seconds[program].append(took)
    medians = {program: statistics.median(took) for program, took in seconds.items()}
    ours, value = medians.pop("marginal"), objective.pop("marginal")
    line = f"{name:12} {scalar.__name__} {arguments.threads} thread(s)  marginal {ours:.4f}"
    for program, took in medians.items():
        apart = abs(objective[program] / value - 1.0)
        line += f"  {program} {took:.4f} ({took / ours:.1f} times" + (")" if apart < tolerance else f", objective {apart:.0e} apart)")
    print(line, flush=True)


# Answers of latent classes are whole numbers in every program.
for name in arguments.workloads or [w for w in WORKLOADS if not (arguments.f32 and WORKLOADS[w][0] == "lca")]:
    measure(name)
