"""The suites are no test modules themselves: their asserts are explained all the same."""

import pytest

pytest.register_assert_rewrite(
    "contract.bus_suite",
    "contract.documents_suite",
    "contract.retention_suite",
    "contract.search_suite",
    "contract.state_suite",
)
