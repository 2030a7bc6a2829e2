#!/usr/bin/env python3
"""Checks an exported log without graftline: numbers without a gap, each event naming the hash of the one before, each
hash as it should be (SHA-256 over the line without its hash: names sorted, no blanks, UTF-8).

    curl ... /api/audit/export > log.ndjson     or     graftline store export centre.db log.ndjson
    tools/verify_audit.py log.ndjson [HEAD]     HEAD: the hash of the last event, as written down elsewhere
"""
import hashlib
import json
import sys


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    previous, seq = "0" * 64, 0
    with open(sys.argv[1], encoding="utf-8") as log:
        for number, line in enumerate(log, 1):
            event = json.loads(line)
            if "graftline" in event or "secret_kind" in event:
                continue
            stated = event.pop("hash")
            text = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            if event["seq"] != seq + 1:
                sys.exit(f"line {number}: event {event['seq']} follows event {seq}")
            if event["previous"] != previous:
                sys.exit(f"line {number}: event {event['seq']} does not name the hash of the event before it")
            if hashlib.sha256(text.encode()).hexdigest() != stated:
                sys.exit(f"line {number}: event {event['seq']} does not have the hash that it states")
            previous, seq = stated, event["seq"]
    if len(sys.argv) == 3 and sys.argv[2] != previous:
        sys.exit(f"sound, but its last hash is {previous}, not {sys.argv[2]}: events are missing at the end")
    print(f"{seq} events, every hash as it should be; the last is {previous}")


if __name__ == "__main__":
    main()
