"""Scrapy's settings for every crawl: one polite visitor who says who it is.

What differs per source (delay, user agent, log file) is laid over these in crawlers/child.py.
"""

from __future__ import annotations

BOT_NAME = "tingfeng"
SPIDER_MODULES = ["crawlers.spiders"]

# ------------------------------------------------------------------------------ good manners
ROBOTSTXT_OBEY = True
CONCURRENT_REQUESTS = 1  # with more, requests already in the slot still leave after a block
CONCURRENT_REQUESTS_PER_DOMAIN = 1
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 1  # read an answer before the next request leaves: it may say no
DOWNLOAD_DELAY = 3
DOWNLOAD_DELAY_JITTER = 0  # it would also shorten the pause, below what robots.txt asks
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 8_000_000
DOWNLOAD_WARNSIZE = 0
COOKIES_ENABLED = False
REDIRECT_MAX_TIMES = 3
RETRY_TIMES = 2
RETRY_HTTP_CODES = [500, 502, 503, 504, 522, 524, 408]  # 429 says stop, not again
DEFAULT_REQUEST_HEADERS = {"Accept": "*/*", "Accept-Language": "zh-CN,zh;q=0.9"}
REFERRER_POLICY = "no-referrer"  # we send a Referer only where a site's own page does
CLOSESPIDER_ERRORCOUNT = 20

# ------------------------------------------------------------------------------ no back doors
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

# ------------------------------------------------------------------------------ our parts
CONCURRENT_ITEMS = 8  # the default of 100 starts 100 tasks for every response (scrapy#5182)
WARN_ON_GENERATOR_RETURN_VALUE = False  # parses a callback's source for every response
# A redirect to itself (a wall's habit) would be filtered as a double, silently: the page would be
# lost and the run end well. Spiders ask for nothing twice anyway.
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"
ITEM_PIPELINES = {"crawlers.pipelines.StorePipeline": 300}
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,  # not even imported
    "crawlers.middlewares.StrictRobots": 100,
    "crawlers.middlewares.BlockSentinel": 560,
    "crawlers.middlewares.Away": 610,
    "crawlers.conditional.Unchanged": 900,
    "crawlers.clocks.Clocks": 940,
    "crawlers.items.Keeper": 950,
}
SPIDER_MIDDLEWARES = {"crawlers.middlewares.Verdicts": 900}
EXTENSIONS = {
    "scrapy.extensions.remote_control.RemoteControl": None,  # not even imported
    "scrapy.extensions.telnet.TelnetConsole": None,
    "crawlers.extensions.CrawlDelay": 0,
    "crawlers.extensions.ParentWatch": 0,
    "crawlers.extensions.Settled": 0,
}
LOG_FORMATTER = "crawlers.extensions.DiscreetLog"
LOG_LEVEL = "INFO"
