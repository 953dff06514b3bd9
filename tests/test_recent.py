"""What is held of late: so much together, so long, and always the newest."""

from engine.recent import Recent


def test_the_longest_unused_is_forgotten_first():
    recent = Recent[str, int](2)
    recent.put("a", 1)
    recent.put("b", 2)
    assert recent.get("a") == 1
    recent.put("c", 3)
    assert (recent.get("a"), recent.get("b"), recent.get("c")) == (1, None, 3)


def test_sizes_count_together_and_the_newest_is_kept_however_large():
    recent = Recent[str, str](5, size=len)
    recent.put("a", "xx")
    recent.put("b", "xxx")
    assert recent.get("a") == "xx"
    recent.put("c", "x")
    assert (recent.get("a"), recent.get("b"), recent.get("c")) == ("xx", None, "x")
    recent.put("large", "x" * 100)
    assert (recent.get("a"), recent.get("c"), recent.get("large")) == (None, None, "x" * 100)


def test_nothing_is_kept_longer_than_its_time():
    now = 0.0
    recent = Recent[str, int](9, seconds=5, clock=lambda: now)
    recent.put("a", 1)
    now = 5.0
    assert recent.get("a") == 1
    now = 5.1
    assert recent.get("a") is None
    recent.pop("a")
