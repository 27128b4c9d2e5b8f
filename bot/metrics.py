"""What monitoring reads (Prometheus), each true at the moment it is asked for."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0

CONTENT_TYPE = CONTENT_TYPE_PLAIN_1_0_0


class Metrics:
    """The numbers of one process."""

    def __init__(self) -> None:
        # Not the library's own, which would outlive us and know two of us in a process as one.
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._articles = Counter(
            "newscrier_articles",
            "Articles handed in, by the way in and what became of them (new, full, changed, known, held, refused ...).",
            ("way", "became"),
            registry=self._registry,
        )

    def arrived(self, way: str, became: str) -> None:
        """An article was handed in this way (`post`, `embargo`, ...), and this became of it."""
        self._articles.labels(way, became).inc()

    def watch(self, name: str, meaning: str, value: Callable[[], float]) -> None:
        """Show a number that is at hand: it is asked for each time. Raises ValueError for a name that there is."""
        Gauge(f"newscrier_{name}", meaning, registry=self._registry).set_function(value)

    def text(self) -> bytes:
        """All of them, as Prometheus reads them."""
        return generate_latest(self._registry)
