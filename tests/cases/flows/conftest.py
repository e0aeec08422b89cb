"""Who plays whom in these flows, and the values that their drawings leave open."""

import pytest


@pytest.fixture
def password() -> str:
    return "wonderland"


@pytest.fixture
def web_secret() -> str:
    return "tea-party"


@pytest.fixture
def users_secret() -> str:
    return "pool-of-tears"


@pytest.fixture
def alice_password() -> str:
    return "wonderland"


@pytest.fixture
def bob_password() -> str:
    return "builder"
