"""Builds for the platforms of ci/platforms_table.py, runs their tests, and ends with a table of the results.

ci/run_platforms.py [--built] [PLATFORM[/SUITE] ...]: all platforms, or those alone, or one suite of a
platform; --built takes what was built before.
ci/run_platforms.py --page [--check]: writes that table into docs/platforms.md, from the last run of each
platform; or fails where the page does not show the platforms and what is left out there.

What came of a platform stays in target/platforms/PLATFORM/results.json.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from xml.etree import ElementTree

from platforms_table import PLATFORMS, Platform, Suite

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "platforms.md"
BEGINS, ENDS = "<!-- from ci/platforms_table.py -->\n", "<!-- to here -->\n"


@dataclass(frozen=True)
class Result:
    """What came of a platform."""

    size: int
    passed: int
    failed: tuple[str, ...]
    left_out: int
    skipped: tuple[str, ...]
    """Tests that left themselves out, with their reasons."""

    @property
    def run(self) -> int:
        return self.passed + len(self.failed)


def place(platform: Platform) -> Path:
    return ROOT / "target" / "platforms" / platform.name


# ---- running ----


def run(platform: Platform, suites: tuple[Suite, ...], *, is_built: bool) -> Result:
    print(f"\n== {platform.name}: {platform.run_on}", flush=True)
    if not is_built:
        subprocess.run(["ci/build-platform", platform.name], cwd=ROOT, check=True)
    with session(platform):
        results = [run_suite(platform, suite) for suite in suites]
    result = Result(
        size=(place(platform) / platform.library).stat().st_size,
        passed=sum(result.passed for result in results),
        failed=tuple(test for result in results for test in result.failed),
        left_out=sum(result.left_out for result in results),
        skipped=tuple(test for result in results for test in result.skipped),
    )
    # What the page shows is of all suites.
    if suites == platform.suites:
        (place(platform) / "results.json").write_text(json.dumps(asdict(result), indent=1))
    return result


@contextlib.contextmanager
def session(platform: Platform) -> Iterator[None]:
    """What has to run beside the tests."""
    if not platform.session:
        yield
        return
    with (place(platform) / "session.log").open("w") as log:
        process = subprocess.Popen(platform.session, cwd=ROOT, stdin=subprocess.PIPE, stdout=log, stderr=log)
        assert process.stdin
        try:
            yield
        finally:
            process.stdin.close()
            process.wait()


def run_suite(platform: Platform, suite: Suite) -> Result:
    result = call_pytest(platform, suite)
    if not (result.failed and suite.is_retried):
        return result
    again = call_pytest(platform, suite, "--last-failed", "--last-failed-no-failures", "none")
    return Result(0, result.passed + again.passed, again.failed, result.left_out, result.skipped)


def call_pytest(platform: Platform, suite: Suite, *further: str) -> Result:
    report = place(platform) / f"{suite.name}.xml"
    report.unlink(missing_ok=True)
    compiler = ROOT / platform.compiler
    deselected = [argument for left_out in suite.left_out for argument in ("--deselect", left_out.test)]
    # Each platform remembers its own failures.
    cache = ["-o", f"cache_dir={place(platform) / 'pytest'}"]
    pytest = suite.pytest or (sys.executable, "-m", "pytest")
    command = [*pytest, "-q", "-c", suite.config, "--rootdir", str(ROOT), *cache]
    done = subprocess.Popen(
        [*command, f"--junitxml={report}", *deselected, *suite.tests, *further],
        cwd=ROOT,
        env={
            **os.environ,
            "CC": str(compiler) if compiler.exists() else platform.compiler,
            "SM_TOKEN_LIB_DIR": str(place(platform).relative_to(ROOT)),
            "SM_TOKEN_PLATFORM": platform.name,
            **suite.environment,
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    assert done.stdout
    said = []
    for line in done.stdout:
        said.append(line)
        print(line, end="", flush=True)
    if done.wait() not in (0, 1) or not report.exists() or not report.stat().st_size:
        no_test = f"suite {suite.name}: pytest ends with {done.returncode}"
        print(no_test, flush=True)
        return Result(0, 0, (no_test,), 0, ())
    return read(report, "".join(said), suite, is_whole=not further)


def read(report: Path, said: str, suite: Suite, *, is_whole: bool) -> Result:
    passed, failed, skipped = 0, [], []
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - pytest wrote it just now
        name = f"{case.get('classname')}::{case.get('name')}"
        left_out = case.find("skipped")
        if left_out is not None:
            skipped.append(f"{name}: {left_out.get('message')}")
        elif case.find("failure") is None and case.find("error") is None:
            passed += 1
        else:
            failed.append(name)
    counted = re.search(r"(\d+) deselected", said)
    deselected = int(counted[1]) if counted else 0
    if is_whole and deselected < len(suite.left_out):
        raise SystemExit(
            f"a test that is left out of {suite.name} is none: {deselected} of {len(suite.left_out)}"
        )
    return Result(0, passed, tuple(failed), deselected, tuple(skipped))


# ---- telling ----


def table(results: dict[str, Result]) -> str:
    """The results as a person reads them at the end of a run."""
    rows = [("platform", "bytes", "run", "passed", "left out")]
    for name, result in results.items():
        left_out = result.left_out + len(result.skipped)
        rows.append((name, str(result.size), str(result.run), str(result.passed), str(left_out)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    for platform in PLATFORMS:
        if platform.name in results:
            lines += [f"{platform.name} leaves out {test}: {why}" for test, why in all_left_out(platform)]
            lines += [f"{platform.name} skipped {skipped}" for skipped in results[platform.name].skipped]
            lines += [f"{platform.name} FAILED {failed}" for failed in results[platform.name].failed]
    return "\n".join(lines)


def all_left_out(platform: Platform) -> list[tuple[str, str]]:
    return [(left_out.test, left_out.why) for suite in platform.suites for left_out in suite.left_out]


def last_result(platform: Platform) -> Result | None:
    path = place(platform) / "results.json"
    return Result(**json.loads(path.read_text())) if path.exists() else None


NOT_RUN = ("–", "not run")


def page_row(platform: Platform, measured: Sequence[str]) -> str:
    title = f"{platform.title} (`{platform.name}`)"
    return f"| {' | '.join([title, platform.built_with, platform.needs, *measured, platform.run_on])} |\n"


def measured(platform: Platform, old: str) -> Sequence[str]:
    """The cells of the last run; without one, those that the page shows."""
    result = last_result(platform)
    if result:
        left_out = result.left_out + len(result.skipped)
        return f"{result.size / 1e6:.2f} MB", f"{result.passed} of {result.run}, {left_out} left out"
    shown = re.search(rf"^\| [^|]*\(`{re.escape(platform.name)}`\) \|(.*)\|$", old, re.MULTILINE)
    cells = [cell.strip() for cell in shown[1].split("|")] if shown else []
    return cells[2:4] if len(cells) == 5 else NOT_RUN


def page_left_out() -> str:
    """Each reason once, with the tests and the platforms that it is of."""
    tests: dict[str, list[str]] = {}
    names: dict[str, list[str]] = {}
    for platform in PLATFORMS:
        for test, why in all_left_out(platform):
            name = f"`{test.rpartition('/')[2]}`"
            if name not in tests.setdefault(why, []):
                tests[why].append(name)
            if platform.name not in names.setdefault(why, []):
                names[why].append(platform.name)
    return "".join(
        f"| {why} | {', '.join(f'`{name}`' for name in names[why])} | {', '.join(tests[why])} |\n"
        for why in tests
    )


def page_part(old: str) -> str:
    """The generated part; a platform without a result keeps the row that it has."""
    rows = [page_row(platform, measured(platform, old)) for platform in PLATFORMS]
    return (
        "| platform | built with | needs | size of the library | tests passed | run on |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
        f"{''.join(rows)}\n"
        "| left out, because | on | tests |\n"
        "| --- | --- | --- |\n"
        f"{page_left_out()}"
    )


def without_measures(part: str) -> list[list[str]]:
    """The cells that no run decides."""
    rows = [line.split(" | ") for line in part.splitlines()]
    return [row[:3] + row[5:] if len(row) == 6 else row for row in rows]


def page(*, is_check: bool) -> None:
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGINS)
    part, _, after = rest.partition(ENDS)
    new = page_part(part)
    if not is_check:
        PAGE.write_text(f"{before}{BEGINS}{new}{ENDS}{after}")
    elif without_measures(part) != without_measures(new):
        raise SystemExit(
            "docs/platforms.md shows other platforms than ci/platforms_table.py: ci/run_platforms.py --page"
        )


def main(*arguments: str) -> None:
    if "--page" in arguments:
        page(is_check="--check" in arguments)
        return
    known = {
        **{platform.name: (platform, platform.suites) for platform in PLATFORMS},
        **{
            f"{platform.name}/{suite.name}": (platform, (suite,))
            for platform in PLATFORMS
            for suite in platform.suites
        },
    }
    named = [argument for argument in arguments if argument != "--built"]
    unknown = {*named} - known.keys()
    if unknown:
        raise SystemExit(f"no such platform: {', '.join(sorted(unknown))}")
    chosen = [known[name] for name in named or [platform.name for platform in PLATFORMS]]
    results = {
        platform.name: run(platform, suites, is_built="--built" in arguments) for platform, suites in chosen
    }
    print(f"\n{table(results)}")
    if any(result.failed for result in results.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
