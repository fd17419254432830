"""The alerter's worker: the common loop, and a look at what is unconfirmed when nothing is left to read.

`unconfirmed` says that no second origin spoke. Only at the end of every input is that true, and only who
read that input may say it: never a spare.
"""

from collections.abc import Callable

from tocsin.pipeline.match.alerter import Alerter
from tocsin.ports.state import State
from tocsin.workers.host import Host


class AlerterLoop:
    """What a supervisor runs (`workers.runner.Steps`). `host` hosts `handler` over `state`; `quiet` says
    whether nothing is on its way to the alerter: heartbeats run ahead of articles.
    """

    def __init__(
        self,
        host: Host,
        handler: Alerter,
        *,
        state: State,
        quiet: Callable[[], bool] = lambda: True,
    ) -> None:
        self.name = host.name
        self._host = host
        self._handler = handler
        self._state = state
        self._quiet = quiet

    def start(self) -> None:
        """Make ready; may be called again after a failure."""
        self._host.start()

    def step(self, timeout_s: float) -> int:
        """One batch; at the end of the input, what became due by stream time."""
        done = self._host.step(timeout_s)
        if done or not self._host.decides or not self._quiet():
            return done
        # What was on its way when the log was last asked may have arrived since: asked once more, it
        # hands out all that came before it was quiet.
        done = self._host.step(0.0)
        if done == 0 and self._host.decides:
            with self._state.begin() as tx:
                self._handler.idle(tx)
            self._host.publish()
        return done

    def close(self) -> None:
        """Leave the groups."""
        self._host.close()
