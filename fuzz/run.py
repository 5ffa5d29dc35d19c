#!/usr/bin/env python3
"""Each fuzzer for a while (60 s; `./dev fuzz --seconds 600`), from a corpus kept in build/fuzz/corpus and the seeds here.

What is found is written to fuzz/found/<fuzzer>/: commit it with the fix, it is run first from then on.
"""
import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "fuzz"
SEEDS = {
    "flow": lambda: [path.read_bytes() for path in sorted((ROOT / "examples").glob("*.yml"))],
    "expression": lambda: [line.encode() for line in ("{{ inputs.a + 1 }}", "{% for x in inputs.c %}{{ loop.index }}{{ x }}{% endfor %}", "{{ inputs.f | date('yyyy-MM-dd') }}", "{{ inputs | jq('.c[0]') | first }}",
                                                      "{{ inputs.b ?? 'none' | upper }}", "{% if inputs.e is defined and not inputs.a == 2 %}yes{% else %}no{% endif %}", "{% set y = {'k': [1, 'a']} %}{{ y.k[1] }}")],
    "json": lambda: [b'{"a":[1,2.5e-3,"\\u00e9",null,true,{"b":{}}]}'],
    "request": lambda: [b"POST /api/v1/main/flows?a=b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"],
    "multipart": lambda: [b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x\r\nContent-Disposition: form-data; name="b"; filename="f"\r\n\r\nz\r\n--x--\r\n'],
    "cron": lambda: [b"*/5 1,2 L * MON-FRI", b"0 0 29 2 *", b"@daily", b"1-5/2 * ? * 5#2"],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fuzzers", nargs="*", default=list(SEEDS))
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    bad = []
    for name in options.fuzzers:
        corpus, found = FOLDER / "corpus" / name, ROOT / "fuzz" / "found" / name
        corpus.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(SEEDS[name]()):
            (corpus / f"seed-{number}").write_bytes(seed)
        for case in found.glob("*") if found.exists() else []:
            shutil.copy(case, corpus / case.name)
        crash = FOLDER / "crashes" / name
        crash.mkdir(parents=True, exist_ok=True)
        print(f"=== {name}: {options.seconds} s", flush=True)
        done = subprocess.run([str(FOLDER / f"{name}_fuzzer"), f"-max_total_time={options.seconds}", "-timeout=10", "-rss_limit_mb=2048", "-max_len=8192", "-print_final_stats=1", f"-artifact_prefix={crash}/", str(corpus)],
                              env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0", "ASAN_SYMBOLIZER_PATH": "/usr/bin/llvm-symbolizer-19"}, stderr=subprocess.PIPE, text=True, errors="replace")
        for line in done.stderr.splitlines():
            if line.startswith("stat::number_of_executed_units"):
                print(line.replace("stat::", ""), flush=True)
        if done.returncode:
            print(done.stderr[-4000:], flush=True)
            found.mkdir(parents=True, exist_ok=True)
            for case in crash.iterdir():
                shutil.copy(case, found / case.name)
            bad.append(name)
    print(f"{len(options.fuzzers) - len(bad)} fuzzers found nothing" + (f", found something: {', '.join(bad)}" if bad else ""))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
