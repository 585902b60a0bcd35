"""Runs a command in a pseudo-terminal of a given size, plays a script of keys, tells what was on the screen.

Reads one JSON object from standard input: {"rows", "columns", "command": [...], "steps": [...]}. A step is
{"expect": regex} (in what was written since the last such step matched), {"send": text}, {"quiet": seconds} (waits
until nothing has been written for so long), {"resize": [rows, columns]}, {"stopped": true} (waits until the command is
suspended), {"resume": true} or {"hangUp": true} (the terminal goes away; the last step).
Writes one JSON object: {"code", "output", "restored", "stops": [the terminal's mode was as before, at each "stopped"],
"missing"}.
"""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

PATIENCE_S = 120


def resize(terminal, rows, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def main():
    job = json.load(sys.stdin)
    pid, terminal = pty.fork()
    if pid == 0:
        # The size must be known before the command asks for it.
        resize(1, job["rows"], job["columns"])
        os.execvp(job["command"][0], job["command"])
    before = termios.tcgetattr(terminal)
    output, seen, stops, missing = "", 0, [], None

    def read(seconds):
        nonlocal output
        if not select.select([terminal], [], [], seconds)[0]:
            return True
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            return False
        output += chunk.decode("utf-8", "replace")
        return chunk != b""

    for step in job["steps"]:
        if "send" in step:
            os.write(terminal, step["send"].encode())
        elif "quiet" in step:
            end = time.monotonic() + PATIENCE_S
            since, length = time.monotonic(), len(output)
            while time.monotonic() < min(end, since + step["quiet"]) and read(0.05):
                if len(output) > length:
                    since, length = time.monotonic(), len(output)
            if time.monotonic() >= end:
                missing = "quiet"
                os.kill(pid, 9)
                break
        elif "resize" in step:
            resize(terminal, *step["resize"])
        elif "stopped" in step:
            end = time.monotonic() + PATIENCE_S
            while os.waitpid(pid, os.WNOHANG | os.WUNTRACED)[0] == 0 and time.monotonic() < end:
                read(0.05)
            stops.append(termios.tcgetattr(terminal)[:4] == before[:4])
        elif "resume" in step:
            os.kill(pid, signal.SIGCONT)
        elif "hangUp" in step:
            os.close(terminal)
            terminal = None
        else:
            end = time.monotonic() + PATIENCE_S
            while not (match := re.search(step["expect"], output[seen:])):
                if time.monotonic() > end or not read(0.05):
                    break
            if not match:
                missing = step["expect"]
                os.kill(pid, 9)
                break
            seen += match.end()
    end = time.monotonic() + PATIENCE_S
    if terminal is None:
        restored = False
        while time.monotonic() < end and not os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            time.sleep(0.05)
    else:
        while time.monotonic() < end and read(0.2):
            pass
        restored = termios.tcgetattr(terminal)[:4] == before[:4]
    if time.monotonic() > end:
        os.kill(pid, 9)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    told = {"code": code, "output": output, "restored": restored, "stops": stops, "missing": missing}
    json.dump(told, sys.stdout)


main()
