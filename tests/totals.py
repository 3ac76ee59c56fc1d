"""The last lines of `make test`: what was left out and why, and the totals.

python tests/totals.py CARGO_LOG JUNIT_XML ...
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from xml.etree import ElementTree

Totals = tuple[int, list[str]]


def of_cargo(log: str) -> Totals:
    """How many Rust tests passed, and which were left out."""
    passed = sum(int(count) for count in re.findall(r"^test result: ok\. (\d+) passed", log, re.MULTILINE))
    ignored = re.findall(r"^test (.+) \.\.\. ignored(?:, (.*))?$", log, re.MULTILINE)
    return passed, [f"{name}: {reason or 'ignored'}" for name, reason in ignored]


def of_pytest(report: str) -> Totals:
    """How many Python tests passed, and which were left out."""
    passed, left_out = 0, []
    for case in ElementTree.fromstring(report).iter("testcase"):  # noqa: S314 - pytest wrote it just now
        skipped = case.find("skipped")
        if skipped is not None:
            left_out.append(f"{case.get('classname')}.{case.get('name')}: {skipped.get('message')}")
        elif case.find("failure") is None and case.find("error") is None:
            passed += 1
    return passed, left_out


def main(cargo_log: str, *pytest_reports: str) -> None:
    rust, left_out = of_cargo(Path(cargo_log).read_text())
    python = 0
    for path in pytest_reports:
        passed, skipped = of_pytest(Path(path).read_text())
        python += passed
        left_out += skipped

    print("\nLeft out:" if left_out else "\nNothing was left out.")
    for line in left_out:
        print(f"  {line}")
    print(f"{rust + python} tests passed ({rust} by cargo, {python} by pytest), {len(left_out)} left out.")


if __name__ == "__main__":
    main(*sys.argv[1:])
