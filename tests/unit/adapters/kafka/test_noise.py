import logging

import pytest

from tocsin.adapters.kafka.noise import Quietly, quiet


@pytest.fixture
def client(request) -> logging.Logger:
    made = logging.getLogger(f"noisy.{request.node.name}")
    yield made
    made.handlers.clear()


def lines(capsys) -> list[str]:
    return [line for line in capsys.readouterr().err.splitlines() if "kafka-client" in line]


def test_a_kind_of_line_is_said_once_and_the_next_time_with_how_many_were_left_out(
    client, capsys
) -> None:
    client.addHandler(Quietly(every_s=3600))
    for node in range(500):
        client.warning("node %s is away", node)
    (line,) = lines(capsys)
    assert "node 0 is away" in line
    (handler,) = client.handlers
    handler._every_s = 0.0
    client.warning("node %s is away", 7)
    (line,) = lines(capsys)
    assert "node 7 is away" in line
    assert '"left_out": 499' in line


def test_lines_that_differ_only_in_numbers_and_names_are_of_one_kind(client, capsys) -> None:
    client.addHandler(Quietly(every_s=3600))
    for n in range(5):
        client.error(f"Task <object at 0x7f{n}a> of topic 'x{n}' ran for 0.{n}s")  # as the library
    assert len(lines(capsys)) == 1


def test_different_kinds_are_all_said(client, capsys) -> None:
    client.addHandler(Quietly(every_s=3600))
    client.warning("connection lost")
    client.warning("leader unknown")
    assert len(lines(capsys)) == 2


def test_a_line_whose_values_do_not_fit_is_said_as_it_is(capsys) -> None:
    unfit = logging.LogRecord("noisy", logging.WARNING, "", 0, "%d brokers", ("no",), None)
    Quietly().emit(unfit)
    (line,) = lines(capsys)
    assert "%d brokers" in line


def test_a_client_made_quiet_says_warnings_through_our_log_alone(client, capsys) -> None:
    quiet(client.name)
    quiet(client.name)
    assert [type(h) for h in client.handlers] == [Quietly]
    assert not client.propagate
    client.info("chatter")
    client.warning("trouble")
    assert len(lines(capsys)) == 1
