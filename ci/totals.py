"""The last lines of `make test`: what was left out and why, and the totals.

python ci/totals.py CARGO_LOG JUNIT_XML ...
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from xml.etree import ElementTree

Totals = tuple[int, int, list[str]]
"""How many passed, how many failed, and which were left out."""


def of_cargo(log: str) -> Totals:
    results = re.findall(r"^test result: \w+\. (\d+) passed; (\d+) failed", log, re.MULTILINE)
    ignored = re.findall(r"^test (.+) \.\.\. ignored(?:, (.*))?$", log, re.MULTILINE)
    left_out = [f"{name}: {reason or 'ignored'}" for name, reason in ignored]
    return sum(int(passed) for passed, _ in results), sum(int(failed) for _, failed in results), left_out


def of_pytest(report: str) -> Totals:
    passed, failed, left_out = 0, 0, []
    for case in ElementTree.fromstring(report).iter("testcase"):  # noqa: S314 - pytest wrote it just now
        skipped = case.find("skipped")
        if skipped is not None:
            left_out.append(f"{case.get('classname')}.{case.get('name')}: {skipped.get('message')}")
        elif case.find("failure") is None and case.find("error") is None:
            passed += 1
        else:
            failed += 1
    return passed, failed, left_out


def main(cargo_log: str, *pytest_reports: str) -> None:
    rust, failed, left_out = of_cargo(Path(cargo_log).read_text())
    python = 0
    for path in pytest_reports:
        passed, failures, skipped = of_pytest(Path(path).read_text())
        python += passed
        failed += failures
        left_out += skipped

    print("\nLeft out:" if left_out else "\nNothing was left out.")
    for line in left_out:
        print(f"  {line}")
    print(f"{rust} tests passed by cargo and {python} by pytest; {failed} failed, {len(left_out)} left out.")
    print(f"{rust + python} passed, {failed} failed, {len(left_out)} skipped")


if __name__ == "__main__":
    main(*sys.argv[1:])
