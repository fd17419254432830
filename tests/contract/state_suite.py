"""What every worker's state promises (ports/state.py). An adapter joins by a `new_state` fixture."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.errors import UsageError
from tocsin.ports.bus import Message
from tocsin.ports.state import State
from tocsin_schemas.topics import ACTS, ALERTS

NewState = Callable[[], State]
# One body runs for several adapters, each with its own fixture: that is what a suite is for.
ANY_ADAPTER = settings(
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)
KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)


class BoomError(Exception):
    """Raised inside a block on purpose."""


def rows(state: State, table: str, prefix: str = "") -> list[tuple[str, bytes]]:
    with state.begin() as tx:
        return list(tx.scan(table, prefix))


class StateSuite:
    @pytest.fixture
    def state(self, new_state: NewState) -> State:
        return new_state()

    def test_a_new_state_is_empty(self, state: State) -> None:
        with state.begin() as tx:
            assert tx.get("t", "k") is None
            assert list(tx.scan("t")) == []
            assert tx.position("topic", 0) == 0
        assert state.unsent() == []

    def test_rows_events_and_position_are_committed_together(self, state: State) -> None:
        with state.begin() as tx:
            tx.put("t", "k", b"v")
            tx.emit(Message(ALERTS.name, "a", b"1"))
            tx.advance("in", 2, 7)
        with state.begin() as tx:
            assert tx.get("t", "k") == b"v"
            assert tx.position("in", 2) == 7
            assert tx.position("in", 0) == 0
        assert [u.message for u in state.unsent()] == [Message(ALERTS.name, "a", b"1")]

    def test_a_cleared_state_is_new_and_leaves_its_neighbours_alone(
        self, new_state: NewState
    ) -> None:
        state, neighbour = new_state(), new_state()
        for each in (state, neighbour):
            with each.begin() as tx:
                tx.put("t", "k", b"v")
                tx.emit(Message(ALERTS.name, "a", b"1"))
                tx.advance("in", 2, 7)
        state.clear()
        with state.begin() as tx:
            assert (tx.get("t", "k"), tx.position("in", 2)) == (None, 0)
        assert state.unsent() == []
        assert rows(neighbour, "t") == [("k", b"v")]
        assert len(neighbour.unsent()) == 1
        with state.begin() as tx:
            tx.advance("in", 2, 3)
            assert tx.position("in", 2) == 3

    def test_nothing_stays_of_a_block_that_raises(self, state: State) -> None:
        with state.begin() as tx:
            tx.put("t", "kept", b"1")

        def fail() -> None:
            with state.begin() as tx:
                tx.put("t", "k", b"v")
                tx.delete("t", "kept")
                tx.emit(Message(ALERTS.name, "a", b"1"))
                tx.advance("in", 0, 7)
                raise BoomError

        with pytest.raises(BoomError):
            fail()
        assert rows(state, "t") == [("kept", b"1")]
        assert state.unsent() == []
        with state.begin() as tx:
            assert tx.position("in", 0) == 0

    def test_a_transaction_reads_its_own_writes(self, state: State) -> None:
        with state.begin() as tx:
            tx.put("t", "a", b"1")
            tx.put("t", "b", b"2")
        with state.begin() as tx:
            tx.put("t", "a", b"new")
            tx.delete("t", "b")
            tx.put("t", "c", b"3")
            tx.advance("in", 0, 4)
            assert tx.get("t", "a") == b"new"
            assert tx.get("t", "b") is None
            assert list(tx.scan("t")) == [("a", b"new"), ("c", b"3")]
            assert tx.position("in", 0) == 4
        assert rows(state, "t") == [("a", b"new"), ("c", b"3")]

    def test_a_row_deleted_and_put_again_stands(self, state: State) -> None:
        with state.begin() as tx:
            tx.put("t", "a", b"1")
        with state.begin() as tx:
            tx.delete("t", "a")
            tx.delete("t", "never")
            tx.put("t", "a", b"2")
        assert rows(state, "t") == [("a", b"2")]

    def test_an_empty_value_is_a_value(self, state: State) -> None:
        with state.begin() as tx:
            tx.put("t", "", b"")
            assert tx.get("t", "") == b""
        with state.begin() as tx:
            assert tx.get("t", "") == b""

    def test_tables_do_not_see_each_other(self, state: State) -> None:
        with state.begin() as tx:
            tx.put("one", "k", b"1")
            tx.put("two", "k", b"2")
        assert rows(state, "one") == [("k", b"1")]
        assert rows(state, "two") == [("k", b"2")]

    def test_writes_during_a_scan_do_not_move_it(self, state: State) -> None:
        with state.begin() as tx:
            for n in range(10):
                tx.put("t", f"k{n}", b"old")
        with state.begin() as tx:
            tx.put("t", "k0", b"mine")
            seen = []
            for key, value in tx.scan("t"):
                seen.append((key, value))
                tx.put("t", f"{key}+", b"new")
                tx.delete("t", "k5")
            assert seen == [("k0", b"mine"), *((f"k{n}", b"old") for n in range(1, 10))]
        assert len(rows(state, "t")) == 19

    def test_a_scan_of_many_rows_is_whole_and_in_order(self, state: State) -> None:
        keys = [f"{n:05}" for n in range(2500)]
        with state.begin() as tx:
            for key in reversed(keys):
                tx.put("t", key, key.encode())
        assert [k for k, _ in rows(state, "t")] == keys
        assert [k for k, _ in rows(state, "t", "02")] == [k for k in keys if k.startswith("02")]

    def test_events_come_out_in_the_order_they_were_queued(self, state: State) -> None:
        for batch in range(3):
            with state.begin() as tx:
                for n in range(4):
                    tx.emit(Message(ACTS.name, f"{batch}{n}", b"v", {"h": "x"}))
        unsent = state.unsent()
        assert [u.message.key for u in unsent] == [f"{b}{n}" for b in range(3) for n in range(4)]
        assert [u.number for u in unsent] == sorted({u.number for u in unsent})
        assert [u.message.key for u in state.unsent(limit=2)] == ["00", "01"]
        assert unsent[0].message == Message(ACTS.name, "00", b"v", {"h": "x"})

    def test_a_sent_event_is_forgotten_and_its_number_not_used_again(self, state: State) -> None:
        with state.begin() as tx:
            tx.emit(Message(ACTS.name, "a", b"1"))
            tx.emit(Message(ACTS.name, "b", None))
        first, second = state.unsent()
        state.sent([first.number])
        assert state.unsent() == [second]
        state.sent([first.number, second.number])
        state.sent([])
        assert state.unsent() == []
        with state.begin() as tx:
            tx.emit(Message(ACTS.name, "c", b"3"))
        assert state.unsent()[0].number > second.number

    def test_an_event_that_the_log_would_refuse_is_refused_before_anything_changes(
        self, state: State
    ) -> None:
        def fail() -> None:
            with state.begin() as tx:
                tx.put("t", "k", b"v")
                tx.emit(Message(ACTS.name, "a", b"x" * (ACTS.max_bytes + 1)))

        with pytest.raises(UsageError):
            fail()
        assert rows(state, "t") == []

    def test_a_position_never_moves_back(self, state: State) -> None:
        with state.begin() as tx:
            tx.advance("in", 0, 9)
            tx.advance("in", 0, 4)
            assert tx.position("in", 0) == 9
        with state.begin() as tx:
            tx.advance("in", 0, 5)
            assert tx.position("in", 0) == 9
        with state.begin() as tx:
            assert tx.position("in", 0) == 9

    @given(
        st.lists(st.dictionaries(KEYS, st.none() | st.binary(max_size=3), max_size=6), max_size=5),
        KEYS,
    )
    @settings(ANY_ADAPTER, max_examples=40)
    def test_any_course_of_writes_reads_like_a_sorted_dictionary(
        self, new_state: NewState, batches: list[dict[str, bytes | None]], prefix: str
    ) -> None:
        state = new_state()
        expected: dict[str, bytes] = {}
        for batch in batches:
            with state.begin() as tx:
                for key, value in batch.items():
                    if value is None:
                        tx.delete("t", key)
                        expected.pop(key, None)
                    else:
                        tx.put("t", key, value)
                        expected[key] = value
                inside = list(tx.scan("t", prefix))
            wanted = sorted((k, v) for k, v in expected.items() if k.startswith(prefix))
            assert inside == wanted
            assert rows(state, "t", prefix) == wanted
        state.close()
