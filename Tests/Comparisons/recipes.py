"""Trains a table of settings equally long, scores what they fill, and writes one table and one sheet.

    python3 Tests/Comparisons/recipes.py recipes.json OUTPUT [--inpaint PROGRAM] [--judge SCORE.PY --judge-python PYTHON]

recipes.json:

    {"config": "configs/celeba-64.yaml",            # the common configuration
     "set": ["data.root=data/celeba"],              # settings of all trainings
     "steps": 1500, "seeds": [1, 2], "ranks": 1,    # replicas are those of the configuration
     "masks": ["center", "random"], "count": 200,   # what `inpaint evaluate` scores
     "blends": ["none", "membrane"],
     "recipes": {"paper": [], "membrane": ["model.composite=membrane"]}}

Each training is a run folder OUTPUT/RECIPE-SEED: a comparison that was stopped goes on where it was. OUTPUT/table.md
has a row for each recipe, blend and mask, means over seeds with the distance of the extremes; OUTPUT/table.json has every
number; OUTPUT/sheet.png the same test pictures filled by each recipe of the first seed.

The judge is any program that is called as `PYTHON SCORE.PY ORIGINALS FILLED --fast --cache DIR` with two folders of
pictures of the same names, centred hole, and prints one JSON object of numbers. Without it those columns are left out.

Pictures are cut and resized as `inpaint` does it (centred square of 178 pixels, bicubic). Needs Pillow.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys

from PIL import Image, ImageDraw, ImageFont

CROP = 178
JUDGED = {  # by the judge's names
    "frechet.dlib128": "Frechet dlib128",
    "frechet.kid_lite0_hole_crop_x1000": "KID lite0 hole x1000",
    "landmark_error_pct_iod.mesh468.eyes": "mesh468 eyes %",
    "sharpness_in_hole.gradient_ratio": "texture",
    "seam_gradient_ratio": "seam",
}
SHOWN = 8


def run(command, **options):
    print("+", " ".join(map(str, command)), flush=True)
    return subprocess.run(list(map(str, command)), check=True, **options)


def settings(values):
    return [part for value in values for part in ("--set", value)]


def train(table, name, seed, folder, program):
    """Trains a recipe to the end, or on from its last checkpoint."""
    values = table.get("set", []) + table["recipes"][name]
    values += [f"training.steps={table['steps']}", f"seed={seed}", f"experiment={name}-{seed}"]
    command = [program, "train", table["config"], "--run", folder, "--resume", "auto", *settings(values)]
    ranks = table.get("ranks", 1)
    if ranks > 1:
        command = ["mpirun", "-n", ranks, *command]
    run(command)


def weights(folder):
    """The generator of the newest checkpoint: the running average where there is one."""
    newest = sorted((folder / "checkpoints").glob("step-*"))[-1]
    average = newest / "generator-ema.safetensors"
    return average if average.exists() else newest / "generator.safetensors"


def last_losses(folder, count=100):
    """Means of the last steps: whether the game is still alive."""
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    steps = [json.loads(line) for line in lines[-count:]]
    names = ["discriminator", "adversarial", "real_score", "fake_score", "real_share"]
    means = {n: sum(s[n] for s in steps) / len(steps) for n in names if all(n in s for s in steps)}
    for name in ("validation_real_share", "validation_training_real_share"):
        values = [step[name] for step in map(json.loads, lines) if name in step]
        if values:
            means[name] = values[-1]
    return means


def test_pictures(table, output, side):
    """The first test pictures as `inpaint evaluate` sees them, as files."""
    root = pathlib.Path(next(v.split("=", 1)[1] for v in table["set"] if v.startswith("data.root=")))
    folder = output / "originals"
    folder.mkdir(exist_ok=True)
    partition = next(root.rglob("list_eval_partition.txt"), None)
    pictures = {path.name: path for path in root.rglob("*.jpg")}
    names = sorted(pictures)
    if partition:
        parts = dict(line.split()[:2] for line in partition.read_text().splitlines() if line.strip())
        names = [name for name in names if parts.get(name) == "2"]
    for name in names[: table["count"]]:
        target = folder / f"{name[:-4]}.png"
        if target.exists():
            continue
        picture = Image.open(pictures[name]).convert("RGB")
        left, top = ((length - CROP) // 2 for length in picture.size)
        picture.resize((side, side), Image.BICUBIC, (left, top, left + CROP, top + CROP)).save(target)
    return folder


def evaluate(table, folder, blend, mask, program, side):
    """Scores of `inpaint evaluate`."""
    root = next(v.split("=", 1)[1] for v in table["set"] if v.startswith("data.root="))
    command = [program, "evaluate", "--weights", weights(folder), "--data", root, "--split", "test", "--side", side]
    command += ["--count", table["count"], "--mask", mask, "--blend", blend, "--json"]
    result = json.loads(run(command, stdout=subprocess.PIPE).stdout)["results"][0]
    names = ["l1_hole_percent", "psnr", "ssim"]
    return {name: result[name] for name in names}


def fill(folder, originals, blend, program):
    """Fills the centred hole of the test pictures."""
    filled = folder / f"filled-{blend}"
    if len(list(filled.glob("*.png"))) < len(list(originals.glob("*.png"))):
        run([program, "fill", "--weights", weights(folder), "--image", originals, "--mask", "center",
             "--output", f"{filled}/", "--blend", blend], stdout=subprocess.DEVNULL)
    return filled


def judge(arguments, output, originals, filled):
    """Numbers of the independent judge, flattened; empty without one."""
    if not arguments.judge:
        return {}
    command = [arguments.judge_python, arguments.judge, originals, filled, "--fast", "--cache", output / "judge-cache"]
    result = json.loads(run(command, stdout=subprocess.PIPE).stdout)

    def flat(value, prefix=""):
        if isinstance(value, dict):
            return {k: v for key, item in value.items() for k, v in flat(item, f"{prefix}{key}.").items()}
        return {prefix[:-1]: value} if isinstance(value, (int, float)) else {}

    numbers = flat(result)
    return {JUDGED.get(name, name): value for name, value in numbers.items()}


def mean_and_spread(values):
    mean = sum(values) / len(values)
    digits = 2 if abs(mean) >= 1 else 3
    spread = max(values) - min(values)
    return f"{mean:.{digits}f}" + (f" ± {spread / 2:.{digits}f}" if len(values) > 1 else "")


def write_table(rows, path, columns):
    """A Markdown table: one row for each recipe, blend and mask; seeds are averaged."""
    groups = {}
    for row in rows:
        groups.setdefault((row["recipe"], row["blend"], row["mask"]), []).append(row["numbers"])
    columns = [c for c in columns if any(c in numbers for group in groups.values() for numbers in group)]
    lines = ["| recipe | blend | hole | seeds | " + " | ".join(columns) + " |"]
    lines.append("|---" * (4 + len(columns)) + "|")
    for key, group in groups.items():
        cells = []
        for column in columns:
            values = [numbers[column] for numbers in group if column in numbers]
            cells.append(mean_and_spread(values) if values else "")
        lines.append("| " + " | ".join([*key, str(len(group)), *cells]) + " |")
    path.write_text("\n".join(lines) + "\n")


def write_sheet(rows, originals, path, side):
    """The same test pictures in each row, 192 pixels high."""
    factor = max(1, 192 // side)
    cell, label = side * factor + 4, 200
    names = sorted(p.name for p in originals.glob("*.png"))[:SHOWN]
    sheet = Image.new("RGB", (label + cell * len(names), cell * (len(rows) + 1)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=16)
    for row, (title, folder) in enumerate([("original", originals), *rows]):
        draw.text((8, row * cell + cell // 2 - 8), title, fill="black", font=font)
        for column, name in enumerate(names):
            picture = Image.open(folder / name).convert("RGB")
            picture = picture.resize((side * factor, side * factor), Image.BICUBIC)
            sheet.paste(picture, (label + column * cell, row * cell))
    sheet.save(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--inpaint", default=".build/release/inpaint")
    parser.add_argument("--judge", type=pathlib.Path)
    parser.add_argument("--judge-python", default=sys.executable)
    parser.add_argument("--side", type=int, default=64, help="rows and columns of the trained pictures")
    arguments = parser.parse_args()
    table = json.loads(arguments.table.read_text())
    output = arguments.output
    output.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("OMPI_MCA_rmaps_base_oversubscribe", "1")
    originals = test_pictures(table, output, arguments.side)
    rows, shown = [], []
    for name in table["recipes"]:
        for seed in table["seeds"]:
            folder = output / f"{name}-{seed}"
            train(table, name, seed, folder, arguments.inpaint)
            losses = last_losses(folder)
            for blend in table.get("blends", ["membrane"]):
                filled = fill(folder, originals, blend, arguments.inpaint)
                judged = judge(arguments, output, originals, filled)
                if seed == table["seeds"][0]:
                    shown.append((f"{name}, {blend}", filled))
                for mask in table.get("masks", ["center"]):
                    numbers = evaluate(table, folder, blend, mask, arguments.inpaint, arguments.side)
                    numbers |= losses | (judged if mask == "center" else {})
                    rows.append(dict(recipe=name, seed=seed, blend=blend, mask=mask, numbers=numbers))
            # After every training, so that a comparison that is stopped has its table.
            (output / "table.json").write_text(json.dumps(rows, indent=1))
            columns = ["l1_hole_percent", "psnr", "ssim", *JUDGED.values(), *losses]
            write_table(rows, output / "table.md", columns)
            write_sheet(shown, originals, output / "sheet.png", arguments.side)
    print((output / "table.md").read_text())


if __name__ == "__main__":
    main()
