"""The outside world becomes Mentions; the only room that knows Scrapy."""
