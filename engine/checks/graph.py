"""Who follows whom comes in; what can be reached, and which nodes go round in circles, go out."""

from collections.abc import Collection, Iterable, Mapping

Graph = Mapping[str, Collection[str]]


def reachable(graph: Graph, starts: Iterable[str], without: Collection[str] = ()) -> set[str]:
    """Everything a walk from `starts` meets, never stepping on `without`."""
    found: set[str] = set()
    waiting = [key for key in starts if key not in without]
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += [n for n in graph.get(key, ()) if n not in without and n not in found]
    return found


def reverse(graph: Graph) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {key: [] for key in graph}
    for key, followers in graph.items():
        for follower in followers:
            found.setdefault(follower, []).append(key)
    return found


def circles(graph: Graph) -> list[set[str]]:
    """Groups of nodes that reach each other; a node alone only if it follows itself."""
    backwards = reverse(graph)
    groups: list[set[str]] = []
    grouped: set[str] = set()
    for key in graph:
        if key in grouped:
            continue
        group = reachable(graph, [key]) & reachable(backwards, [key])
        grouped |= group
        if len(group) > 1 or key in graph[key]:
            groups.append(group)
    return groups


def back_edges(graph: Graph, starts: Iterable[str]) -> list[tuple[str, str]]:
    """The edges that close a circle, walking depth first from the starts."""
    found: list[tuple[str, str]] = []
    done: set[str] = set()
    for start in starts:
        path = {start}
        stack = [(start, iter(graph.get(start, ())))]
        while stack and start not in done:
            key, followers = stack[-1]
            follower = next(followers, None)
            if follower is None:
                stack.pop()
                path.discard(key)
                done.add(key)
            elif follower in path:
                found.append((key, follower))
            elif follower not in done:
                path.add(follower)
                stack.append((follower, iter(graph.get(follower, ()))))
    return found
