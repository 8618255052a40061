"""Groups what calls itself in cycles (Tarjan, 1972), without recursion."""

from __future__ import annotations

from collections.abc import Sequence


def components(  # noqa: C901 — one algorithm, which is best read in one piece
    edges: Sequence[Sequence[int]],
) -> tuple[list[list[int]], list[int]]:
    """Returns the strongly connected groups, each before those that it leads to, and the group of each node."""
    size = len(edges)
    order, low = [0] * size, [0] * size
    group_of = [-1] * size
    groups: list[list[int]] = []
    held: list[int] = []
    count = 0
    for root in range(size):
        if order[root]:
            continue
        count += 1
        order[root] = low[root] = count
        held.append(root)
        path = [(root, iter(edges[root]))]
        while path:
            node, rest = path[-1]
            for target in rest:
                if not order[target]:
                    count += 1
                    order[target] = low[target] = count
                    held.append(target)
                    path.append((target, iter(edges[target])))
                    break
                if group_of[target] < 0:
                    low[node] = min(low[node], order[target])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
                if low[node] == order[node]:
                    start = len(held) - 1
                    while held[start] != node:
                        start -= 1
                    groups.append(held[start:])
                    del held[start:]
                    for each in groups[-1]:
                        group_of[each] = len(groups) - 1
    last = len(groups) - 1
    return groups[::-1], [last - number for number in group_of]
