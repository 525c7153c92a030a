"""Which store an address opens, and that what has no place there is refused without its value."""

import traceback
from types import SimpleNamespace

import pytest

import tracegraph as tg
from told import graph_of
from tracegraph.stores import opening
from tracegraph.stores.duckdb.store import DuckDBStore


def imported(monkeypatch, module):
    """Let the module of Neo4j be another; public names are imported lazily too."""
    monkeypatch.setattr(opening, "importlib", SimpleNamespace(import_module=module))


ADDRESSES = ["neo4j://host", "neo4j+s://host:7687", "neo4j+ssc://h", "bolt://h", "BOLT+S://h"]


def test_path_of_a_duckdb_file_opens_one(tmp_path):
    for target in (tmp_path / "county.duckdb", str(tmp_path / "County.DuckDB")):
        store = tg.store(target)
        assert isinstance(store, DuckDBStore)
        assert isinstance(store, tg.Store)
    assert list(tmp_path.iterdir()) == []  # to open it makes nothing


@pytest.mark.parametrize("address", ADDRESSES)
def test_address_of_a_server_opens_neo4j(address, monkeypatch):
    asked = []

    class Module:
        def Neo4jStore(url, **options):
            asked.append((url, options))

    imported(monkeypatch, lambda name: Module)
    tg.store(address, auth=("neo4j", "s3cret"), database="county")
    assert asked == [(address, {"auth": ("neo4j", "s3cret"), "database": "county"})]


def test_driver_that_is_not_installed_is_named(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(name)

    imported(monkeypatch, missing)
    with pytest.raises(tg.MissingExtraError, match=r'pip install "tracegraph\[neo4j\]"'):
        tg.store("neo4j://host")


@pytest.mark.parametrize(
    "url",
    [
        "neo4j://anna:s3cret@host:7687",
        "bolt+s://s3cret@host",
        "neo4j://anna:s3c/ret@host",
        "neo4j://host?password=s3cret",
        "bolt://host/?user=s3cret",
    ],
)
def test_password_in_an_address_is_refused_and_not_repeated(url):
    graph = graph_of()
    trace = graph.trace("china-8")
    for use in (tg.store, tg.read, graph.save, trace.save):
        with pytest.raises(tg.StoreError, match="would end up in logs") as told:
            use(url)
        assert "s3c" not in str(told.value)
        assert "anna" not in str(told.value)


@pytest.mark.parametrize("target", ["county", "county.db", "http://host", "county.duckdb/x"])
def test_anything_else_is_no_store(target):
    with pytest.raises(tg.StoreError, match=r"is no store\.\n    Pass county\.duckdb, or neo4j:"):
        tg.store(target)


def test_trace_has_no_place_in_a_folder(tmp_path):
    with pytest.raises(tg.StoreError, match="a folder holds a graph and no traces"):
        graph_of().trace("china-8").save(tmp_path / "county")
    assert list(tmp_path.iterdir()) == []


def test_options_that_a_target_has_no_use_for_are_refused_without_their_values(tmp_path):
    graph, file, folder = graph_of(), tmp_path / "county.duckdb", tmp_path / "county"
    secret = ("neo4j", "s3cret")
    uses = {
        "files": lambda: graph.save(file, files="parquet"),
        "auth": lambda: graph.save(folder, auth=secret),
        "database": lambda: graph.save(file, database="s3cret"),
        "tz": lambda: tg.read(file, tz="s3cret"),
        "columns": lambda: tg.read("neo4j://h", columns={"s3cret": "arrive"}),
    }
    for name, use in uses.items():
        with pytest.raises(tg.TableError, match=f"takes {name}= for") as told:
            use()
        assert "s3cret" not in str(told.value)
    for use in (lambda: tg.read(folder, auth=secret), lambda: tg.store(file, auth=secret)):
        with pytest.raises(tg.TableError, match="takes auth= for Neo4j only"):
            use()
    assert list(tmp_path.iterdir()) == []


def test_address_is_told_without_credentials():
    assert opening.address("neo4j://anna:s3@cret@host:7687") == "neo4j://host:7687"


LIKE_ADDRESSES = [
    "neo4j:s3cret@localhost:7687", "neo4j:s3cret@localhost", " neo4j://anna:s3cret@host",
    "http://neo4j:s3cret@localhost:7474", "bolt+routing://s3cret@host", "BOLT:s3cret",
    "https://s3cret/county.duckdb", "neo4j+s:s3cret@host/county.duckdb", "x://anna:s3cret@host",
]  # fmt: skip


@pytest.mark.parametrize("target", LIKE_ADDRESSES)
def test_what_is_like_an_address_makes_no_folder_and_is_not_repeated(target, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    graph = graph_of()
    for use in (tg.store, tg.read, graph.save, graph.trace("china-8").save):
        with pytest.raises(tg.StoreError, match=r"no store\.\n    Pass county\.duckdb") as told:
            use(target)
        assert "s3cret" not in "".join(traceback.format_exception(told.value))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "neo4j://[::1", "neo4j://host/s3cret", "neo4j://host#s3cret", "neo4j://host?s3cret",
        "neo4j://anna:s3cret", "neo4j://host:76870", "neo4j://host:", "neo4j://", "neo4j://host:0",
        "neo4j://host\n", "neo4j://[z::1]:7687", "bolt://anna\\s3cret",
    ],
)  # fmt: skip
def test_address_of_more_than_host_and_port_is_refused_and_not_repeated(url):
    for use in (tg.store, graph_of().save, lambda url: tg.read(url, tz="UTC")):
        with pytest.raises(tg.StoreError, match=r"more than a host and a port") as told:
            use(url)
        assert "s3cret" not in "".join(traceback.format_exception(told.value))


@pytest.mark.parametrize("url", ["neo4j://h", "bolt://[::1]:7687", "neo4j+s://db-1.example.org/"])
def test_address_of_host_and_port_is_taken(url):
    assert opening.checked(url) == url


def test_target_that_may_hold_a_password_is_not_repeated():
    for use in (tg.store, graph_of().trace("china-8").save):
        with pytest.raises(tg.StoreError, match=r"the target is no ") as told:
            use("anna:s3cret@host")
        assert "s3cret" not in str(told.value)
