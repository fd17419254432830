"""A worker that is told to stop ends in good order, whatever it waits for just then."""

import socket
import threading

import pytest

from support.processes import Processes
from tocsin.adapters.kafka.topics import make_topics

pytestmark = pytest.mark.servers


def test_an_index_that_takes_a_question_and_never_answers_keeps_no_worker_from_ending(
    tmp_path, kafka_server, prefix
):
    make_topics(kafka_server.servers, prefix)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        desk = Processes(
            tmp_path / "desk",
            kafka=kafka_server.servers,
            elasticsearch=f"http://127.0.0.1:{mute.getsockname()[1]}",
            prefix=prefix,
            services=("indexer",),
        )
        asked = threading.Event()

        def listen() -> None:
            with mute.accept()[0] as connection:
                connection.recv(1)
                asked.set()
                stopped.wait(60)

        stopped = threading.Event()
        threading.Thread(target=listen, daemon=True).start()
        with desk:
            worker = desk["indexer"].start()
            assert asked.wait(60), worker.tail()
            assert worker.stop() == 0
            stopped.set()
