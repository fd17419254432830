"""The signature, by the letter of Standard Webhooks and by an implementation that is not ours."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from support.ring import webhook
from tocsin.adapters.notifiers.webhook import sign

SECRET = webhook().secret


def test_the_signature_is_that_of_the_specifications_example():
    # The worked example of the Standard Webhooks specification ("msg_p5jXN8AQM9LWM0D4loKWxJek").
    body = b'{"test": 2432232314}'
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signature = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=4))
def test_another_implementation_verifies_it(content: dict[str, str]):
    body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    now = int(datetime.now(UTC).timestamp())
    headers = {
        "webhook-id": "n" * 26,
        "webhook-timestamp": str(now),
        "webhook-signature": sign(SECRET, "n" * 26, now, body),
    }
    Webhook(SECRET).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body + b" ", headers)


def test_a_secret_without_padding_is_the_same_secret():
    assert sign(SECRET.rstrip("="), "i", 1, b"x") == sign(SECRET, "i", 1, b"x")


def test_a_secret_that_is_no_base64_is_told():
    with pytest.raises(ValueError, match=r"(?i)base64|only"):
        sign("whsec_not base64!", "i", 1, b"x")
