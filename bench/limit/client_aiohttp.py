"""The bare aiohttp loop: iter_any(), a split at blank lines, json.loads per event. Nothing else is timed.

Same options and same JSON line as client.c. The stamp is taken right after each read, before parsing.
"""
import argparse
import asyncio
import json
import resource
import time

import aiohttp


def quantile(values, q):
    return values[min(len(values) - 1, int(q * len(values)))] / 1e6 if values else -1


async def run(o):
    count = {"next": 0, "tokens": 0, "events": 0, "reads": 0, "merged": 0, "answered": 0}
    late = []
    url = f"http://127.0.0.1:{o.port}/v1/chat/completions"
    filler = "x" * o.body_bytes

    def body(i):
        shortened = o.stagger and i < o.connections
        return json.dumps(
            {
                "stream": True,
                "messages": [{"role": "user", "content": f"#R{i:08d} {filler}"}],
                "stream_options": {"include_usage": True},
                "max_tokens": 1 + i * o.max_tokens // o.connections if shortened else o.max_tokens,
                "model": "bench",
            }
        ).encode()

    bodies = [body(i) for i in range(o.requests)]

    async def one(session, data):
        rest = b""
        async with session.post(url, data=data, headers={"content-type": "application/json"}) as response:
            async for chunk in response.content.iter_any():
                stamp = time.monotonic_ns()
                count["reads"] += 1
                before = count["tokens"]
                *events, rest = (rest + chunk).split(b"\n\n")
                for event in events:
                    count["events"] += 1
                    payload = event[6:]
                    if payload == b"[DONE]":
                        continue
                    choices = json.loads(payload)["choices"]
                    if choices and choices[0]["delta"].get("content"):
                        count["tokens"] += 1
                        if o.lateness and count["next"] < o.requests:
                            late.append(stamp - int(choices[0]["delta"]["content"]))
                if count["tokens"] - before > 1:
                    count["merged"] += 1
        count["answered"] += 1

    async def slot(session):
        while count["next"] < o.requests:
            i = count["next"]
            count["next"] += 1
            await one(session, bodies[i])

    connector = aiohttp.TCPConnector(limit=0, force_close=False)
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        cpu, start = time.process_time(), time.monotonic()
        await asyncio.gather(*(slot(session) for _ in range(o.connections)))
        wall, cpu = time.monotonic() - start, time.process_time() - cpu
    late.sort()
    return {
        "requests": count["answered"],
        "tokens": count["tokens"],
        "events": count["events"],
        "reads": count["reads"],
        "merged_reads": count["merged"],
        "wall_s": wall,
        "cpu_s": cpu,
        "late_p50_ms": quantile(late, 0.5),
        "late_p99_ms": quantile(late, 0.99),
        "late_max_ms": quantile(late, 1),
        "rss_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--port", type=int, required=True)
    p.add_argument("--connections", type=int, default=64)
    p.add_argument("--requests", type=int, default=1000)
    p.add_argument("--max-tokens", type=int, default=128)
    p.add_argument("--body-bytes", type=int, default=128)
    p.add_argument("--lateness", action="store_true")
    p.add_argument("--stagger", action="store_true")
    options = p.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(json.dumps(asyncio.run(run(options))))
