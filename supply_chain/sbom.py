"""Bills of materials: `python -m supply_chain.sbom` writes `build/sbom-<environment>.json`, CycloneDX 1.6, by cyclonedx-py.

Each lists what is shipped, at the locked versions: tools of the developers that lie in the same environment are left out.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from supply_chain.locks import ENVIRONMENTS, ROOT, Environment, canonical, pins

FOLDER = ROOT / "build"
SPEC = "1.6"

Bill = dict[str, Any]


class BillError(RuntimeError):
    """A bill cannot be made; the message says what to do first."""


def bill_of(environment: Environment) -> Bill:
    """Everything installed in an environment, as cyclonedx-py finds it."""
    if not environment.python.exists():
        raise BillError(f"{environment.python} is missing: run 'make install'")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "bill.json"
        command = [sys.executable, "-m", "cyclonedx_py", "environment", str(environment.python)]
        options = ["--of", "JSON", "--sv", SPEC, "--output-reproducible", "--no-validate", "-o", str(out)]
        ended = subprocess.run([*command, *options], capture_output=True, text=True)
        if ended.returncode != 0:
            raise BillError(f"cyclonedx-py failed:\n{ended.stderr[-2000:]}")
        bill: Bill = json.loads(out.read_text(encoding="utf-8"))
        return bill


def shipped(bill: Bill, environment: Environment) -> Bill:
    """The bill of what is shipped only, named; BillError when the environment is not what its lock says."""
    locked = {(pin.name, pin.version) for pin in pins(*environment.shipped)}
    kept = [part for part in bill["components"] if (canonical(part["name"]), part["version"]) in locked]
    names = {name for name, _ in locked}
    strays = [
        f"{part['name']} {part['version']}"
        for part in bill["components"]
        if part not in kept and canonical(part["name"]) in names
    ]
    if strays:
        raise BillError(f"{environment.name}: not as locked: {', '.join(strays)}; run 'make install'")
    refs = {part["bom-ref"] for part in kept}
    name = f"ecrin-{environment.name}"
    depends = [
        entry | {"dependsOn": [ref for ref in entry.get("dependsOn", ()) if ref in refs]}
        for entry in bill.get("dependencies", ())
        if entry["ref"] in refs
    ]
    root = {"type": "application", "name": name, "bom-ref": name}
    return bill | {
        "components": kept,
        "dependencies": [*depends, {"ref": name, "dependsOn": sorted(refs)}],
        "metadata": bill.get("metadata", {}) | {"component": root},
    }


def main() -> None:
    """Write both bills."""
    FOLDER.mkdir(exist_ok=True)
    try:
        for environment in ENVIRONMENTS:
            path = FOLDER / f"sbom-{environment.name}.json"
            bill = shipped(bill_of(environment), environment)
            path.write_text(json.dumps(bill, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
            print(f"{path}: {len(bill['components'])} packages")
    except BillError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
