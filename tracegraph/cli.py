"""The command line: the main job without a notebook.

Exit codes: 0 done; 1 the input cannot be used (the message says how to mend it);
2 the command was typed wrongly; 3 `check` found rows that cannot be read; 4 `identify` found
no id for a code.
"""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from tracegraph.errors import TracegraphError

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from tracegraph.model.graph import TraceGraph
    from tracegraph.tracing.trace import Trace

UNUSABLE, REJECTS, UNKNOWN = 1, 3, 4


class Language(StrEnum):
    """Languages of the map."""

    en = "en"
    zh = "zh"


class Stays(StrEnum):
    """Stays of contacts in the map."""

    needed = "needed"
    all = "all"


app = typer.Typer(
    help="Close and secondary contacts, with evidence, from a line list and a visit log.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
console = Console(highlight=False)

Folder = Annotated[Path, typer.Argument(help="Folder of CSV or Parquet tables: cases, visits, …")]
Zone = Annotated[str | None, typer.Option(help="Time zone, such as Asia/Shanghai.")]
Key = Annotated[
    Path | None,
    typer.Option(help="File with the key of the codes in the map: 16 bytes or more."),
]
Lang = Annotated[Language, typer.Option(help="Language of the map.")]
Out = Annotated[Path, typer.Option(help="Folder for the report.", file_okay=False)]


@app.command()
def trace(
    folder: Folder,
    protocol: Annotated[str, typer.Option(help="A preset, or a TOML file.")] = "china-8",
    as_of: Annotated[str | None, typer.Option(help="Moment, or a date for its end.")] = None,
    out: Out = Path("report"),
    tz: Zone = None,
    identities: Annotated[
        bool, typer.Option("--identities", help="Put ids, names and other columns into the map.")
    ] = False,
    key: Key = None,
    lang: Lang = Language.en,
    stays: Annotated[
        Stays | None,
        typer.Option(
            help="Stays of contacts in the map: those that matter once they were exposed, or all."
            " With --identities all, else needed.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Trace a folder of tables; write tables, a plan of zones, and both maps."""
    import tracegraph as tg

    secret = None if key is None else _read_key(key)
    graph = tg.read(folder, tz=tz)
    kept = None if stays is None else stays.value
    page = {"identities": identities, "key": secret, "lang": lang.value, "stays": kept}
    report(graph, protocol=protocol, as_of=as_of, out=out, page=page)


@app.command()
def demo(
    out: Out = Path("report"),
    seed: Annotated[int, typer.Option(help="Seed of the synthetic county.")] = 1,
    show: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the map in a browser.")
    ] = True,
    lang: Lang = Language.en,
) -> None:
    """Trace the built-in synthetic county and open its map."""
    import tracegraph as tg

    console.print("A synthetic county (no real person is in it) is being made …")
    dataset = tg.datasets.county(seed=seed)
    graph = dataset.graph()
    page = {"lang": lang.value}
    report(graph, protocol="china-8", as_of="2022-05-12", out=out, page=page)
    if show:
        typer.launch(str((out / "map.html").resolve()))


@app.command()
def identify(
    folder: Folder,
    codes: Annotated[list[str], typer.Argument(help="Codes of a map, such as K7QF2M.")],
    key: Annotated[
        Path, typer.Option(help="File with the key that the map was made with.", dir_okay=False)
    ],
    tz: Zone = None,
) -> None:
    """Say whose codes these are, for those who hold the key of the map."""
    import tracegraph as tg
    from tracegraph.viz.visible import display_text

    secret = _read_key(key)
    found = tg.read(folder, tz=tz).identify(codes, key=secret)
    for code, what, value in found.itertuples(index=False):
        told = f"{what:<8} {display_text(value)}" if what else "unknown: no id under this key"
        console.print(escape(f"{display_text(code):<8} {told}"), soft_wrap=True)
    if found["what"].isna().any():
        raise typer.Exit(UNKNOWN)


def _read_key(path: Path) -> bytes:
    """Key in a file."""
    from tracegraph.viz.pseudonyms import key_bytes

    if not path.is_file():
        message = f"{path} is no file. Pass --key the file that holds the key."
        raise typer.BadParameter(message)
    try:
        return key_bytes(path.read_bytes())
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


@app.command()
def check(
    folder: Folder,
    out: Annotated[
        Path | None, typer.Option(help="Folder for check.html and CSV files.", file_okay=False)
    ] = None,
    tz: Zone = None,
    values: Annotated[
        bool, typer.Option("--values", help="Quote cells and ids in check.html too.")
    ] = False,
) -> None:
    """Say what is wrong with the tables; exit code 3 if rows were rejected."""
    import tracegraph as tg
    from tracegraph.model.report import report as told

    graph = tg.read(folder, tz=tz)
    console.print(escape(told(graph)), soft_wrap=True)
    if out is not None:
        _write_check(graph, out, values=values)
    if len(graph.rejects):
        raise typer.Exit(REJECTS)


def _write_check(graph: TraceGraph, out: Path, *, values: bool) -> None:
    from tracegraph.model.spreadsheets import write_spreadsheet
    from tracegraph.viz.check_page import write_check_page

    out.mkdir(parents=True, exist_ok=True)
    write_check_page(graph, out / "check.html", values=values)
    frames = {
        "rejects": graph.rejects,
        "warnings": graph.warnings,
        "columns": graph.origins,
        "quality": graph.quality(),
    }
    for name, frame in frames.items():
        write_spreadsheet(frame, out / f"{name}.csv")
    files = ", ".join(["check.html", *(f"{name}.csv" for name in frames)])
    console.print(escape(f"\nWritten to {out}: {files}"), soft_wrap=True)
    if not values:
        console.print("check.html quotes no cell. The CSV files do: keep them home.")


@app.command()
def protocols(
    name: Annotated[str | None, typer.Argument(help="Preset or TOML file to print whole.")] = None,
) -> None:
    """List the presets, or print one with the source of every number."""
    import tracegraph as tg

    if name is None:
        for preset in tg.Protocol.names():
            title = escape(tg.Protocol.named(preset).title)
            console.print(f"{preset:<18} {title}", soft_wrap=True)
        return
    rule = _protocol(name)
    console.print(f"[bold]{escape(rule.name)}[/]  {escape(rule.title)}")
    if rule.note:
        console.print(escape(rule.note), style="dim")
    colour = {"working": "yellow", "unconfirmed": "magenta", "changed": "cyan"}
    for row in rule.table().astype("object").fillna("").itertuples(index=False):
        line = f"{row.path:<40} {row.value!s:<14} {row.confidence}"
        console.print(escape(line.rstrip()), style=colour.get(row.confidence), soft_wrap=True)
        if row.confidence in {"read", "unconfirmed"}:
            console.print(escape(f"    {row.source}"), style="dim", soft_wrap=True)
    console.print("Yellow: working value of tracegraph. Magenta: unconfirmed.", style="dim")


@app.command("neo4j")
def serve(
    home: Annotated[
        Path | None,
        typer.Option(
            help="Folder that keeps the data; else all goes when it ends.", file_okay=False
        ),
    ] = None,
    port: Annotated[int, typer.Option(help="Port of this machine; 0 takes a free one.")] = 7687,
    auth: Annotated[
        bool,
        typer.Option("--auth/--no-auth", help="Ask for a password: NEO4J_PASSWORD, or a new one."),
    ] = True,
) -> None:
    """Run a Neo4j server on this machine until Ctrl-C; the first time, fetch it."""
    from tracegraph.stores.neo4j.serving import serve_until_interrupted

    serve_until_interrupted(console, home=home, port=port, auth=auth)


def report(
    graph: TraceGraph, *, protocol: str, as_of: str | None, out: Path, page: dict[str, Any]
) -> None:
    """Trace `graph`, write every table and the map to `out`, and say what was found."""
    from tqdm import tqdm

    out.mkdir(parents=True, exist_ok=True)
    steps = tqdm(total=4, desc="tracing", unit="step", leave=False, disable=None)
    result = graph.trace(_protocol(protocol), as_of=as_of)
    text = str(result.summary)
    steps.update()
    steps.set_description("tables")
    written = _write_tables(result, out)
    steps.update()
    steps.set_description("zones")
    written += _write_zones(result, out, lang=page.get("lang", "en"))
    steps.update()
    steps.set_description("map")
    written.append(result.to_html(out / "map.html", **page).name)
    steps.update()
    steps.close()
    (out / "summary.txt").write_text(f"{text}\n", encoding="utf-8")
    console.print(escape(text), soft_wrap=True)
    files = ", ".join([*written, "summary.txt"])
    console.print(escape(f"Written to {out}: {files}"), soft_wrap=True)
    if page.get("identities"):
        console.print("The map and the CSV tables hold ids and names: keep them home.")
    else:
        console.print("The map hands on no id, name or home. The CSV tables do: keep them home.")


def _write_tables(result: Trace, out: Path) -> list[str]:
    frames: dict[str, Callable[[], pd.DataFrame]] = {
        "tiers": lambda: result.tiers,
        "exposures": result.exposures,
        "venue_contacts": lambda: result.venue_contacts,
        "infectious_periods": lambda: result.windows,
        "expected": lambda: result.expected,
        "rejects": lambda: result.graph.rejects,
        "warnings": lambda: result.graph.warnings,
    }
    for name, frame in frames.items():
        frame().to_csv(out / f"{name}.csv", index=False)
    return [f"{name}.csv" for name in frames]


def _write_zones(result: Trace, out: Path, *, lang: str) -> list[str]:
    """Zones need areas and a protocol with zone clauses; without them say so and go on."""
    try:
        plan = result.redraw_zones()
    except TracegraphError as error:
        console.print(escape(f"No zones: {error}"), style="yellow")
        return []
    zones = plan.setting.required
    zones.to_csv(out / "zones.csv", index=False)
    required = zones.loc[zones["required_by"] == zones["area_id"], "required"]
    counted = required.value_counts().sort_index(ascending=False)
    told = [f"{n:,} {label}" for label, n in counted.items() if n and label != "none"]
    console.print(f"Zones required: {', '.join(told) or 'none'}")
    console.print(escape(str(plan)), soft_wrap=True)
    folder, map_of_zones = plan.to_csv(out / "plan"), plan.to_html(out / "zones.html", lang=lang)
    return ["zones.csv", f"{folder.name}/", map_of_zones.name]


def _protocol(name: str) -> tg.Protocol:  # type: ignore[name-defined]  # noqa: F821
    import tracegraph as tg

    if Path(name).suffix == ".toml":
        return tg.Protocol.load(Path(name))
    return tg.Protocol.named(name)


def main() -> None:
    """Run the command line; a known error is one message, never a traceback."""
    try:
        app()
    except (TracegraphError, OSError) as error:
        told = Console(stderr=True, highlight=False)
        told.print(f"[red]{escape(str(error))}[/]", soft_wrap=True)
        sys.exit(UNUSABLE)
