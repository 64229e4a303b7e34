"""Programs that call themselves by name: crawlers, link previews, monitors, libraries.

The list is short on purpose. It looks for the words such programs put into their user agent, not
for each of them. The libraries inside phone apps (okhttp, CFNetwork, Dart) are left out: our own
app may use them, and a person taps the button there.
"""

import re

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
_BOT = re.compile("|".join((*_CRAWLERS, *_PREVIEWS, *_MONITORS, *_LIBRARIES)), re.IGNORECASE)
_AHEAD_OF_TIME = ("prefetch", "prerender", "preview")


def is_bot(user_agent: str) -> bool:
    """Whether this user agent names a program; an empty one counts as a program too."""
    return not user_agent.strip() or bool(_BOT.search(user_agent))


def is_prefetch(purposes: tuple[str, ...]) -> bool:
    """Whether a value of `Sec-Purpose`, `Purpose`, `X-Purpose` or `X-Moz` says nobody clicked."""
    return any(word in purpose.lower() for purpose in purposes for word in _AHEAD_OF_TIME)
