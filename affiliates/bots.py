"""Programs that call themselves by name: crawlers, link previews, monitors, libraries.

Three looks, the cheap ones first: words that such programs put into their user agent; an address
of a web page in it, which no browser has; and the kept list of the package crawler-user-agents,
which knows some 1,500 by name and is renewed with it. The libraries inside phone apps (okhttp,
CFNetwork, Dart) are left out: our own app may use them, and a person taps the button there.
"""

import re
from functools import cache, lru_cache

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

_CRAWLERS = (
    r"(?<!cu)bot(?![a-z])",  # a CUBOT is a telephone
    r"crawl|spider|slurp|scrap[ey]|archiver|indexer|fetcher",
    r"bingpreview|mediapartners-google|apis-google|googleother|google (?:web preview|favicon)",
    r"google-(?:read-aloud|inspectiontool|safety|site-verification|extended)",
    r"ahrefs|semrush|mj12|qwantify|dataprovider|screaming frog",
    r"chatgpt-user|claude-(?:web|user)|perplexity-user|anthropic-ai|cohere-ai",
    r"feedly|feedburner|inoreader|newsblur",
)
_PREVIEWS = (
    r"facebookexternalhit|facebookcatalog|meta-external|whatsapp/|skypeuripreview",
    r"embedly|iframely|vkshare|flipboardproxy|slack-imgproxy|(?:url|link) ?preview",
)
_MONITORS = (
    r"pingdom|uptime|statuscake|site24x7|newrelic|datadog|nagios|check_http|zabbix|prometheus",
    r"blackbox|kube-probe|elb-healthchecker|googlehc|gtmetrix|lighthouse|page ?speed|monitor",
    r"headless|phantomjs|selenium|webdriver|puppeteer|playwright|w3c_|validator",
    r"nmap|nikto|sqlmap|zgrab|masscan|nuclei|censys|wpscan",
)
_LIBRARIES = (
    r"curl/|libcurl|wget|httpie|postman|insomnia|winhttp|powershell",
    r"python|aiohttp|httpx|urllib|requests/|go-http-client|reqwest|hyper/",
    r"\bjava/|apache-httpclient|libwww|lwp::|php/|guzzle|\bruby|faraday|typhoeus",
    r"node-fetch|node\.js|undici|axios|\bgot[ /(]|superagent|http-?client",
    r"\bk6/|jmeter|locust|apachebench|vegeta|\bwrk",
)
_ADDRESSES = (r"https?://|www\.",)
_BOT = re.compile(
    "|".join((*_CRAWLERS, *_PREVIEWS, *_MONITORS, *_LIBRARIES, *_ADDRESSES)), re.IGNORECASE
)
_IN_PHONE_APPS = ("okhttp", "CFNetwork", "Dart")
LONGEST_AGENT = 1_000  # a longer one is no browser's, and would only keep the patterns busy
_AHEAD_OF_TIME = ("prefetch", "prerender", "preview")


@lru_cache(maxsize=4_096)
def is_bot(user_agent: str) -> bool:
    """Whether this user agent names a program; one that is empty or far too long does too.

    Remembered for the agents seen last: the whole list takes milliseconds, and browsers are alike.
    """
    if not user_agent.strip() or len(user_agent) > LONGEST_AGENT:
        return True
    return bool(_BOT.search(user_agent) or _listed().search(user_agent))


@cache
def _listed() -> re.Pattern[str]:
    """The kept list as one pattern; it takes longer to compile than most commands take to run."""
    return re.compile(
        "|".join(
            f"(?:{entry['pattern']})"
            for entry in CRAWLER_USER_AGENTS_DATA
            if not any(name in entry["pattern"] for name in _IN_PHONE_APPS)
        )
    )


def is_prefetch(purposes: tuple[str, ...]) -> bool:
    """Whether a value of `Sec-Purpose`, `Purpose`, `X-Purpose` or `X-Moz` says nobody clicked."""
    return any(word in purpose.lower() for purpose in purposes for word in _AHEAD_OF_TIME)
