"""What monitoring reads (Prometheus), each true at the moment it is asked for.

What happens is counted here; the library that writes it down is imported when somebody asks: who starts need not wait.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Of `Metrics.text`: Prometheus' text format."""


class Metrics:
    """The numbers of one process."""

    def __init__(self) -> None:
        self._articles: Counter[tuple[str, str]] = Counter()
        self._requests: Counter[tuple[str, str, str]] = Counter()
        self._watched: dict[str, tuple[str, Callable[[], float]]] = {}
        self._registry: CollectorRegistry | None = None

    def arrived(self, way: str, became: str) -> None:
        """An article was handed in this way (`post`, `embargo`, ...), and this became of it."""
        self._articles[way, became] += 1

    def answered(self, method: str, route: str, status: int) -> None:
        """A request was answered; `route`: the address, as its pattern."""
        self._requests[method, route, str(status)] += 1

    def watch(self, name: str, meaning: str, value: Callable[[], float]) -> None:
        """Show a number that is at hand: it is asked for each time, in a thread. Said again, it is the new one's."""
        self._watched[name] = (meaning, value)

    def text(self) -> bytes:
        """All of them, as Prometheus reads them."""
        from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest  # noqa: PLC0415  see above

        if self._registry is None:
            # Not the library's own, which would outlive us and know two of us in a process as one.
            self._registry = CollectorRegistry(auto_describe=False)
            ProcessCollector(registry=self._registry)
            self._registry.register(self)
        return generate_latest(self._registry)

    def collect(self) -> "Iterator[Metric]":
        """The numbers, as the library asks for them: in a thread, while the others go on counting."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily  # noqa: PLC0415  see above

        articles = CounterMetricFamily(
            "newscrier_articles",
            "Articles handed in, by the way in and what became of them (new, full, changed, known, held, refused ...).",
            labels=("way", "became"),
        )
        for labels, count in list(self._articles.items()):
            articles.add_metric(labels, count)
        requests = CounterMetricFamily(
            "newscrier_requests",
            "Requests of programs that were answered, by the status of the answer.",
            labels=("method", "route", "status"),
        )
        for of, count in list(self._requests.items()):
            requests.add_metric(of, count)
        yield articles
        yield requests
        for name, (meaning, value) in list(self._watched.items()):
            yield GaugeMetricFamily(f"newscrier_{name}", meaning, value=float(value()))
