"""What the figures were made on: processor, caches, kernel, library sizes, and the measured roofline."""
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
FLAGS = (
    "sse4_1",
    "avx",
    "f16c",
    "fma",
    "avx2",
    "avx_vnni",
    "avx512f",
    "avx512bw",
    "avx512vl",
    "avx512_vnni",
    "avx512_bf16",
    "avx512_fp16",
    "amx_tile",
    "amx_int8",
    "amx_bf16",
)
CPU = pathlib.Path("/sys/devices/system/cpu/cpu0")


def cpu_fields():
    text = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0]
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in text.splitlines())}


def caches():
    found = {}
    for folder in sorted(CPU.glob("cache/index*")):
        read = lambda name, place=folder: (place / name).read_text(encoding="ascii").strip()
        kind = {"Data": "d", "Instruction": "i", "Unified": ""}[read("type")]
        found[f"L{read('level')}{kind}"] = read("size")
    return found


def describe():
    fields = cpu_fields()
    flags = fields.get("flags", "").split()
    memory = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text(encoding="ascii"))[1])
    return {
        "cpu": fields.get("model name", platform.processor()),
        "family": fields.get("cpu family"),
        "model": fields.get("model"),
        "stepping": fields.get("stepping"),
        "cores": len(os.sched_getaffinity(0)),
        "flags": [flag for flag in FLAGS if flag in flags],
        "virtual": "hypervisor" in flags,
        "caches": caches(),
        "memory_gb": round(memory / 2**20, 1),
        "kernel": platform.release(),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def slug(machine):
    """The processor as part of a file name."""
    widest = next(
        (flag for flag in ("avx512_vnni", "avx512f", "avx_vnni", "avx2") if flag in machine["flags"]), "x86_64"
    )
    words = f"{machine['cpu']} {machine['family']} {machine['model']} {widest}".replace("_", "")
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def roofline(folder):
    """Compiles the roofline program where it is older than its source, and runs it."""
    source, program = HERE / "roofline.cc", folder / "roofline"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["g++", "-std=c++20", "-O2", "-pthread", str(source), "-o", str(program)], check=True)
    return json.loads(subprocess.run([str(program)], check=True, capture_output=True, text=True).stdout)


def stripped_bytes(files, folder):
    """{file name: bytes without symbols} of shared libraries."""
    sizes = {}
    for file in files:
        copy = folder / file.name
        shutil.copy(file.resolve(), copy)
        subprocess.run(["strip", "--strip-unneeded", str(copy)], check=True, stderr=subprocess.DEVNULL)
        sizes[file.name] = copy.stat().st_size
        copy.unlink()
    return sizes
