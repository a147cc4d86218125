# labels: e2e peer server long
# timeout: 900
"""`migrate` killed fifty times each way, at random moments, while images go on arriving."""
from test_migrate import archive, gateway, move_there_and_back, s3  # noqa: F401

KILLS = 50


def test_fifty_kills_each_way(archive):  # noqa: F811
    assert move_there_and_back(archive, KILLS) > KILLS
