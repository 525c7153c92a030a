"""Folders of files for tests of what reads them."""

from pathlib import Path

TOML = 'format = 1\ntz = "Asia/Shanghai"\n'
CASES = "person_id,onset\nC1,2022-05-09\n"


def written(folder: Path, files: dict[str, str | bytes], toml: str = TOML) -> Path:
    """A folder in Shanghai with these files; `cases.csv` is made where none is given."""
    folder = folder / "county"
    folder.mkdir(exist_ok=True)
    if not any(name.startswith(("cases", "county.")) for name in files):
        files = {"cases.csv": CASES, **files}
    for name, data in {"tracegraph.toml": toml, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return folder
