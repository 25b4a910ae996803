"""Reads the feed on standard input with feedparser and prints what it found in each item, as JSON."""

import html
import json
import sys
import time

import feedparser

# Its sanitizer speaks of markup, and its resolver would make addresses of guids; only what the feed says is wanted.
feedparser.SANITIZE_HTML = False
feedparser.RESOLVE_RELATIVE_URIS = False


def when(t):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", t) if t else None


def text(detail):
    if not detail:
        return ""
    return html.unescape(detail.value) if detail.type == "text/html" else detail.value


feed = feedparser.parse(sys.stdin.buffer.read())
if feed.bozo:
    sys.exit("feedparser finds it malformed: %r" % feed.bozo_exception)
items = []
for e in feed.entries:
    source = e.get("source", {})
    items.append({
        "ID": e.get("id", ""),
        "Title": text(e.get("title_detail")),
        "Link": e.get("link", ""),
        "Authors": [a.get("name") or a.get("email") for a in e.get("authors", []) if a],
        "Published": when(e.get("published_parsed")),
        "Updated": when(e.get("updated_parsed")),
        "Source": source.get("title", ""),
        "SourceFeed": source.get("url") or next((l.href for l in source.get("links", []) if l.rel == "self"), source.get("href", "")),
        "Rights": e.get("rights", ""),
    })
json.dump(items, sys.stdout)
