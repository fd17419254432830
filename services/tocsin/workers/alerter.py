"""The alerter's worker: the common loop, and a look at what is unconfirmed when nothing is left to read.

`unconfirmed` says that no second origin spoke. Only at the end of every input is that true.
"""

from collections.abc import Callable

from tocsin.pipeline.match.alerter import Alerter
from tocsin.ports.bus import Bus
from tocsin.ports.state import State
from tocsin.workers.host import Host
from tocsin.workers.publish import publish


class AlerterLoop:
    """What a supervisor runs (`workers.runner.Steps`). `host` hosts `handler` over `state`; `quiet` says
    whether nothing is on its way to the alerter: heartbeats run ahead of articles.
    """

    def __init__(
        self,
        host: Host,
        handler: Alerter,
        *,
        bus: Bus,
        state: State,
        quiet: Callable[[], bool] = lambda: True,
    ) -> None:
        self.name = host.name
        self._host = host
        self._handler = handler
        self._bus = bus
        self._state = state
        self._quiet = quiet

    def start(self) -> None:
        """Make ready; may be called again after a failure."""
        self._host.start()

    def step(self, timeout_s: float) -> int:
        """One batch; at the end of the input, what became due by stream time."""
        done = self._host.step(timeout_s)
        if done == 0 and self._quiet():
            with self._state.begin() as tx:
                self._handler.idle(tx)
            publish(self._bus, self._state)
        return done

    def close(self) -> None:
        """Leave the groups."""
        self._host.close()
